import { randomUUID } from 'node:crypto';
import type { WorkflowHandleWithFirstExecutionRunId } from '@temporalio/client';
import { NativeConnection } from '@temporalio/worker';
import { pino } from 'pino';
import { createReindexes } from '../../api/reindexes.ts';
import { createSchedules } from '../../api/schedules.ts';
import { parseConfig } from '../../contracts/config.ts';
import { headOf } from '../../contracts/head-revision.ts';
import type { LectureId } from '../../contracts/identity.ts';
import { PUBLISH_WORKFLOW, publishWorkflowId } from '../../contracts/publish-workflow.ts';
import {
  REINDEX_WORKFLOW,
  reindexWorkflowId,
  type ReindexDecision,
  type ReindexInput,
  type ReindexProgress,
} from '../../contracts/reindex-workflow.ts';
import { PROGRESS_QUERY, TASK_QUEUES } from '../../contracts/stages.ts';
import { TranscriptSchema } from '../../contracts/transcript.ts';
import { createArtifactStore } from '../../storage/artifacts.ts';
import { createEvaluationQuestionStore } from '../../storage/evaluation-questions.ts';
import { createRevisionStore } from '../../storage/revisions.ts';
import { createCpuActivities, createGpuActivities, type CpuDeps, type GpuDeps } from '../../worker/create-activities.ts';
import { createReindexActivities } from '../../worker/create-reindex-activities.ts';
import { introduceBuild, pinnedTo } from '../../worker/deployment.ts';
import { ensureWorkflowBundle } from '../../worker/workflow-bundle.ts';
import { startIngestRunner, type IngestRunner } from './ingest-runner.ts';
import { openRealStores, type RealStores } from './real-stores.ts';
import { createScriptedModels, loadable, type ScriptedModels } from './scripted-models.ts';
import { makeWav } from './wav.ts';

export const TENANT = 'demo';
export const SEMESTER = 'WS 26/27';
const OPTIONS: ReindexInput['options'] = { window: 2, margin: 0.02, hold: 'worse', wayBackSeconds: 3_600 };

type ReindexHandle = WorkflowHandleWithFirstExecutionRunId<(input: ReindexInput) => Promise<ReindexProgress>>;

/** Five lectures of one semester, ingested over a real Temporal server, folder and index. */
export async function openReindexBench(): Promise<ReindexBench> {
  const bench = new ReindexBench(await startIngestRunner(), await openRealStores());
  await bench.startWorkers();
  bench.ids.push(...(await Promise.all([210, 220, 230, 240, 250].map((pitch) => bench.ingest(pitch)))).sort((a, b) => (a < b ? -1 : 1)));
  return bench;
}

export class ReindexBench {
  readonly runner: IngestRunner;
  readonly stores: RealStores;
  readonly reindexes;
  readonly schedules;
  /** Each test goes on with what the one before has left. */
  readonly ids: LectureId[] = [];
  readonly models: ScriptedModels = createScriptedModels();
  #stops: (() => Promise<void>)[] = [];

  constructor(runner: IngestRunner, stores: RealStores) {
    this.runner = runner;
    this.stores = stores;
    this.reindexes = createReindexes(runner.client);
    this.schedules = createSchedules(runner.client);
  }

  /** What the models were asked before is forgotten. */
  async startWorkers(changed: Partial<CpuDeps & GpuDeps> = {}): Promise<void> {
    await this.stopWorkers();
    this.models.calls.length = 0;
    const deps = { ...this.stores.deps(this.models), ...changed };
    this.#stops = await Promise.all([
      this.runner.startWorker(TASK_QUEUES.cpu, { ...createCpuActivities(deps), ...createReindexActivities(deps) }),
      this.runner.startWorker(TASK_QUEUES.gpu, createGpuActivities(deps)),
    ]);
  }

  /** Workers of today's build, to which runs are pinned; returns how to stop them. */
  async startBuild(): Promise<() => Promise<void>> {
    const deps = this.stores.deps(this.models);
    const bundle = await ensureWorkflowBundle(parseConfig(process.env).LECTERN_CACHE);
    const stops = await Promise.all([
      this.runner.startWorker(TASK_QUEUES.cpu, { ...createCpuActivities(deps), ...createReindexActivities(deps) }, pinnedTo(bundle)),
      this.runner.startWorker(TASK_QUEUES.gpu, createGpuActivities(deps)),
    ]);
    const native = await NativeConnection.connect({ address: this.runner.address });
    const { signal } = new AbortController();
    await introduceBuild(native, { namespace: 'default', ...bundle, logger: pino({ level: 'silent' }), signal });
    return async () => {
      await Promise.all(stops.map((stop) => stop()));
      await native.close();
    };
  }

  async stopWorkers(): Promise<void> {
    await Promise.all(this.#stops.splice(0).map((stop) => stop()));
  }

  /** A newer embedder: everything before it stays as it is. */
  async newerEmbedder(onEmbed: () => Promise<void> = async () => undefined): Promise<Pick<GpuDeps, 'embedder'>> {
    const embedder = await this.models.embedder.load();
    const embed: typeof embedder.embed = async (...asked) => {
      await onEmbed();
      return embedder.embed(...asked);
    };
    return { embedder: loadable({ ...embedder, embed, model: { ...embedder.model, revision: randomUUID() } }) };
  }

  async ingest(pitch: number): Promise<LectureId> {
    const input = await this.stores.upload(makeWav(2, pitch));
    const { lectureId } = input;
    await this.stores.lectures.update(TENANT, lectureId, (lecture) => ({
      ...lecture,
      metadata: { ...lecture.metadata, semester: SEMESTER },
    }));
    await (await this.runner.start(input)).result();
    return lectureId;
  }

  async startReindex(options: Partial<ReindexInput['options']> = {}, lecturesPerRun?: number) {
    const reindexId = `autumn-${randomUUID()}`;
    const input: ReindexInput = { tenantId: TENANT, semester: SEMESTER, options: { ...OPTIONS, ...options } };
    const handle: ReindexHandle = await this.runner.client.workflow.start(REINDEX_WORKFLOW, {
      workflowId: reindexWorkflowId(TENANT, reindexId),
      taskQueue: TASK_QUEUES.cpu,
      args: [lecturesPerRun === undefined ? input : { ...input, lecturesPerRun }],
    });
    return { reindexId, handle };
  }

  async untilState(handle: ReindexHandle, state: ReindexProgress['state']): Promise<ReindexProgress> {
    for (;;) {
      const progress = await handle.query<ReindexProgress>(PROGRESS_QUERY);
      if (progress.state === state) return progress;
      if ((await handle.describe()).status.name !== 'RUNNING') throw new Error(`not ${state}: ${JSON.stringify(progress)}`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  decide({ workflowId }: ReindexHandle, decision: ReindexDecision) {
    return this.reindexes.decide(TENANT, workflowId.slice(reindexWorkflowId(TENANT, '').length), decision);
  }

  /** Generations that readers see, by lecture id. */
  async served(wanted: readonly LectureId[]): Promise<string[]> {
    const catalogue = await this.stores.index.catalogue(TENANT);
    return catalogue.filter(({ lectureId }) => wanted.includes(lectureId)).map(({ generation }) => generation);
  }

  async documented(wanted: readonly LectureId[]): Promise<(string | undefined)[]> {
    return Promise.all(wanted.map(async (lectureId) => (await this.stores.lectures.get(TENANT, lectureId))?.generation));
  }

  /** A revision in which every word is `text`, as an editor saves one: not published yet. */
  async edit(lectureId: LectureId, text: string): Promise<void> {
    const lecture = (await this.stores.lectures.get(TENANT, lectureId))!;
    const { machine, transcript: head } = headOf(lecture)!;
    const artifacts = createArtifactStore(this.stores);
    const transcript = await artifacts.read(head, TranscriptSchema);
    const ref = artifacts.ref({ tenantId: TENANT, lectureId, stage: 'align', version: 1, inputs: [text] });
    const turns = transcript.turns.map((turn) => ({ ...turn, words: turn.words.map((word) => ({ ...word, text })) }));
    await artifacts.write(ref, { ...transcript, turns });
    await createRevisionStore(this.stores).append(lecture, {
      author: null,
      origin: { kind: 'machine', editsLost: 0 },
      summary: { wordsAdded: 9, wordsRemoved: 9, wordsReassigned: 0, turns: 0, speakersRenamed: 0 },
      transcript: ref,
      machine,
      speakerNames: {},
      lastLabel: 1,
    });
  }

  async publish(lectureId: LectureId): Promise<void> {
    await this.runner.client.workflow.execute(PUBLISH_WORKFLOW, {
      workflowId: publishWorkflowId(TENANT, lectureId),
      taskQueue: TASK_QUEUES.cpu,
      args: [{ tenantId: TENANT, lectureId }],
    });
  }

  /** Lectures with a passage that holds the word. */
  async ask(text: string): Promise<string[]> {
    const [hits] = await this.stores.index.search(TENANT, [{ leg: 'bm25', limit: 20, text }], { semesters: [SEMESTER] });
    return hits!.map(({ chunkId }) => chunkId.slice(0, chunkId.indexOf(':'))).toSorted((a, b) => (a < b ? -1 : 1));
  }

  /** One question, which a lecture answers. */
  async measureBy(recording: LectureId): Promise<void> {
    await createEvaluationQuestionStore(this.stores.objects).replace(TENANT, SEMESTER, {
      questions: [{ question: 'What does a checksum find?', ground_truth_contexts: [{ recording, startSeconds: 0, endSeconds: 2 }] }],
    });
  }

  async close(): Promise<void> {
    await this.runner.close();
    await this.stores.close();
  }
}

export async function until(condition: () => Promise<boolean>): Promise<void> {
  while (!(await condition())) await new Promise((resolve) => setTimeout(resolve, 50));
}
