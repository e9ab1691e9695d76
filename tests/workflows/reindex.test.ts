import { randomUUID } from 'node:crypto';
import { WorkflowFailedError, type WorkflowHandleWithFirstExecutionRunId } from '@temporalio/client';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { LecternError } from '../../contracts/errors.ts';
import { headOf } from '../../contracts/head-revision.ts';
import type { LectureId } from '../../contracts/identity.ts';
import { PUBLISH_WORKFLOW, publishWorkflowId } from '../../contracts/publish-workflow.ts';
import {
  DECIDE_SIGNAL,
  REINDEX_WORKFLOW,
  reindexWorkflowId,
  ROLL_BACK_UPDATE,
  wayBackWorkflowId,
  type MovedLectures,
  type ReindexDecision,
  type ReindexInput,
  type ReindexProgress,
} from '../../contracts/reindex-workflow.ts';
import { contentsOf, PROGRESS_QUERY, TASK_QUEUES } from '../../contracts/stages.ts';
import { TranscriptSchema } from '../../contracts/transcript.ts';
import { createArtifactStore, type ArtifactStore } from '../../storage/artifacts.ts';
import { createEvaluationQuestionStore } from '../../storage/evaluation-questions.ts';
import { createReindexNotes } from '../../storage/reindex-notes.ts';
import { createRevisionStore } from '../../storage/revisions.ts';
import { createCpuActivities, createGpuActivities, type CpuDeps, type GpuDeps } from '../../worker/create-activities.ts';
import { createReindexActivities } from '../../worker/create-reindex-activities.ts';
import { startIngestRunner, type IngestRunner } from './ingest-runner.ts';
import { openRealStores, type RealStores } from './real-stores.ts';
import { createScriptedModels, loadable, type ScriptedModels } from './scripted-models.ts';
import { makeWav } from './wav.ts';

const TENANT = 'demo';
const SEMESTER = 'WS 26/27';
const OPTIONS: ReindexInput['options'] = { window: 2, margin: 0.02, hold: 'worse', wayBackSeconds: 3_600 };

type ReindexHandle = WorkflowHandleWithFirstExecutionRunId<(input: ReindexInput) => Promise<ReindexProgress>>;

let runner: IngestRunner;
let stores: RealStores;
let artifacts: ArtifactStore;
let models: ScriptedModels;
let stops: (() => Promise<void>)[] = [];
/** Of one semester; each test goes on with what the one before has left. */
let ids: LectureId[];

beforeAll(async () => {
  runner = await startIngestRunner();
  stores = await openRealStores();
  artifacts = createArtifactStore({ objects: stores.objects });
  models = createScriptedModels();
  await startWorkers();
  ids = (await Promise.all([210, 220, 230, 240, 250].map(ingest))).toSorted((a, b) => (a < b ? -1 : 1));
});
afterAll(async () => {
  await runner.close();
  await stores.close();
});
beforeEach(() => {
  models = createScriptedModels();
});
afterEach(() => stopWorkers());

async function startWorkers(changed: Partial<CpuDeps & GpuDeps> = {}): Promise<void> {
  await stopWorkers();
  const deps = { ...stores.deps(models), ...changed };
  stops = await Promise.all([
    runner.startWorker(TASK_QUEUES.cpu, { ...createCpuActivities(deps), ...createReindexActivities(deps) }),
    runner.startWorker(TASK_QUEUES.gpu, createGpuActivities(deps)),
  ]);
}

async function stopWorkers(): Promise<void> {
  await Promise.all(stops.splice(0).map((stop) => stop()));
}

/** A newer embedder: everything before it stays as it is. */
async function newerEmbedder(onEmbed: () => Promise<void> = async () => undefined): Promise<Pick<GpuDeps, 'embedder'>> {
  const embedder = await models.embedder.load();
  const embed: typeof embedder.embed = async (...asked) => {
    await onEmbed();
    return embedder.embed(...asked);
  };
  return { embedder: loadable({ ...embedder, embed, model: { ...embedder.model, revision: randomUUID() } }) };
}

async function ingest(pitch: number): Promise<LectureId> {
  const input = await stores.upload(makeWav(2, pitch));
  const { lectureId } = input;
  await stores.lectures.update(TENANT, lectureId, (lecture) => ({ ...lecture, metadata: { ...lecture.metadata, semester: SEMESTER } }));
  await (await runner.start(input)).result();
  return lectureId;
}

async function startReindex(options: Partial<ReindexInput['options']> = {}, lecturesPerRun?: number) {
  const reindexId = `autumn-${randomUUID()}`;
  const input: ReindexInput = { tenantId: TENANT, semester: SEMESTER, options: { ...OPTIONS, ...options } };
  const handle: ReindexHandle = await runner.client.workflow.start(REINDEX_WORKFLOW, {
    workflowId: reindexWorkflowId(TENANT, reindexId),
    taskQueue: TASK_QUEUES.cpu,
    args: [lecturesPerRun === undefined ? input : { ...input, lecturesPerRun }],
  });
  return { reindexId, handle };
}

const progressOf = (handle: ReindexHandle) => handle.query<ReindexProgress>(PROGRESS_QUERY);
const served = async (wanted: readonly LectureId[]) =>
  (await stores.index.catalogue(TENANT)).filter(({ lectureId }) => wanted.includes(lectureId)).map(({ generation }) => generation);
const documented = async (wanted: readonly LectureId[]) =>
  Promise.all(wanted.map(async (lectureId) => (await stores.lectures.get(TENANT, lectureId))?.generation));

async function untilState(handle: ReindexHandle, state: ReindexProgress['state']): Promise<ReindexProgress> {
  for (;;) {
    const progress = await progressOf(handle);
    if (progress.state === state) return progress;
    expect((await handle.describe()).status.name, JSON.stringify(progress)).toBe('RUNNING');
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

const rollBack = (reindexId: string) =>
  runner.client.workflow.getHandle(wayBackWorkflowId(TENANT, reindexId)).executeUpdate<MovedLectures, []>(ROLL_BACK_UPDATE);

const decide = (handle: ReindexHandle, decision: ReindexDecision) => handle.signal(DECIDE_SIGNAL, decision);

/** A revision in which every word is `text`, as an editor saves one: not published yet. */
async function edit(lectureId: LectureId, text: string): Promise<void> {
  const lecture = (await stores.lectures.get(TENANT, lectureId))!;
  const { machine, transcript: head } = headOf(lecture)!;
  const transcript = await artifacts.read(head, TranscriptSchema);
  const ref = artifacts.ref({ tenantId: TENANT, lectureId, stage: 'align', version: 1, inputs: [text] });
  const turns = transcript.turns.map((turn) => ({ ...turn, words: turn.words.map((word) => ({ ...word, text })) }));
  await artifacts.write(ref, { ...transcript, turns });
  await createRevisionStore(stores).append(lecture, {
    author: null,
    origin: { kind: 'machine', editsLost: 0 },
    summary: { wordsAdded: 9, wordsRemoved: 9, wordsReassigned: 0, turns: 0, speakersRenamed: 0 },
    transcript: ref,
    machine,
    speakerNames: {},
    lastLabel: 1,
  });
}

const publish = (lectureId: LectureId) =>
  runner.client.workflow.execute(PUBLISH_WORKFLOW, {
    workflowId: publishWorkflowId(TENANT, lectureId),
    taskQueue: TASK_QUEUES.cpu,
    args: [{ tenantId: TENANT, lectureId }],
  });

/** Lectures with a passage that holds the word. */
async function ask(text: string): Promise<string[]> {
  const [hits] = await stores.index.search(TENANT, [{ leg: 'bm25', limit: 20, text }], { semesters: [SEMESTER] });
  return hits!.map(({ chunkId }) => chunkId.slice(0, chunkId.indexOf(':'))).toSorted((a, b) => (a < b ? -1 : 1));
}

/** One question, which a lecture answers. */
const measureBy = (recording: LectureId) =>
  createEvaluationQuestionStore(stores.objects).replace(TENANT, SEMESTER, {
    questions: [{ question: 'What does a checksum find?', ground_truth_contexts: [{ recording, startSeconds: 0, endSeconds: 2 }] }],
  });

describe('a re-index of a semester', () => {
  it('computes nothing for unchanged lectures, and changes nothing', async () => {
    await startWorkers();
    const before = await served(ids);
    const { handle } = await startReindex();
    expect(await handle.result()).toMatchObject({ state: 'unchanged', lectures: 5, unchanged: 5, staged: 0, computedStages: 0 });
    expect(models.calls).toEqual([]);
    expect(await served(ids)).toEqual(before);
  });

  it('swaps all lectures at once, keeps to its window, continues as new, and goes back in one step', async () => {
    const before = await served(ids);
    let running = 0;
    let most = 0;
    const seen = new Set<string>();
    const embedder = await newerEmbedder(async () => {
      most = Math.max(most, (running += 1));
      for (const generation of await served(ids)) seen.add(generation);
      running -= 1;
    });
    await startWorkers(embedder);
    const { reindexId, handle } = await startReindex({ window: 1 }, 3);
    const result = await handle.result();
    expect(result).toMatchObject({ state: 'swapped', lectures: 5, staged: 5, computedStages: 10, swapped: 5, left: 0, evaluation: null });
    expect(models.calls).toEqual(ids.map(() => 'embed'));
    expect(most).toBe(1);
    expect([...seen].toSorted()).toEqual(before.toSorted());
    const first = await runner.client.workflow.getHandle(handle.workflowId, handle.firstExecutionRunId, { followRuns: false }).describe();
    expect(first.status.name).toBe('CONTINUED_AS_NEW');

    const after = await served(ids);
    expect(after.some((generation) => before.includes(contentsOf(generation)))).toBe(false);
    expect(await documented(ids)).toEqual(after);
    expect(await ask('checksum')).toEqual(ids);

    expect(await rollBack(reindexId)).toEqual({ moved: 5, left: 0 });
    expect(await served(ids)).toEqual(before);
    expect(await documented(ids)).toEqual(before);
    await runner.client.workflow.getHandle(wayBackWorkflowId(TENANT, reindexId)).result();
    expect(await stores.index.countChunks(TENANT, ids[0]!, after[0]!)).toBe(0);
  });

  it('holds a swap that would make search worse, and drops or swaps as a person says', async () => {
    const before = await served(ids);
    await measureBy(ids[0]!);
    // An edit that nobody has published: the re-index brings it, and with it a lecture that no longer answers by its words.
    await edit(ids[0]!, 'nonsense');
    await startWorkers(await newerEmbedder());
    const { handle } = await startReindex();
    const held = await untilState(handle, 'held');
    expect(held.evaluation).toMatchObject({ questions: 1, before: { ndcg10: 1, hitRate: 1 } });
    expect(held.heldBecause).toMatch(/^nDCG@10 fell from 1\.000 to 0\.\d{3}/);
    expect(await served(ids)).toEqual(before);
    await decide(handle, 'drop');
    expect(await handle.result()).toMatchObject({ state: 'dropped' });
    expect(await served(ids)).toEqual(before);

    const again = await startReindex();
    await untilState(again.handle, 'held');
    await decide(again.handle, 'swap');
    expect(await again.handle.result()).toMatchObject({ state: 'swapped', swapped: 5 });
    expect(await ask('nonsense')).toEqual([ids[0]]);
  });

  it('leaves a lecture that fails as it was, and asks a person before the others are swapped', async () => {
    const before = await served(ids);
    let embedded = 0;
    const embedder = await newerEmbedder(async () => {
      if ((embedded += 1) === 1) throw new LecternError('invalid-input', 'these words cannot be embedded');
    });
    await startWorkers(embedder);
    const { reindexId, handle } = await startReindex({ window: 1, margin: 1 });
    const held = await untilState(handle, 'held');
    expect(held).toMatchObject({ staged: 4, failed: 1, heldBecause: '1 of 5 lectures failed; a swap leaves them as they were' });
    await handle.cancel();
    await expect(handle.result()).rejects.toThrow(WorkflowFailedError);
    expect(await createReindexNotes(stores.objects).noted(TENANT, reindexId)).toEqual([]);
    expect(await served(ids)).toEqual(before);
  });

  it('keeps deleted what is deleted while it is being re-indexed', async () => {
    const gone = ids.pop()!;
    const embedder = await newerEmbedder(async () => {
      await stores.index.deleteLecture(TENANT, gone);
      await stores.lectures.delete(TENANT, gone);
    });
    await startWorkers(embedder);
    const { handle } = await startReindex({ margin: 1 });
    expect(await handle.result()).toMatchObject({ state: 'swapped', staged: 4, gone: 1, failed: 0 });
    expect(await served([gone])).toEqual([]);
    expect((await served(ids)).every((generation) => generation.includes('.r'))).toBe(true);
    const left: string[] = [];
    for await (const { key } of stores.objects.list(`tenants/${TENANT}/lectures/${gone}/`)) left.push(key);
    expect(left).toEqual([]);
  });

  it('ends right with a lecture deleted, one ingested and one edited before the swap', async () => {
    const [deleted, ingested, edited, left] = ids as [LectureId, LectureId, LectureId, LectureId];
    await startWorkers(await newerEmbedder());
    const { reindexId, handle } = await startReindex({ hold: 'always' });
    const held = await untilState(handle, 'held');
    expect(held).toMatchObject({ staged: 4, heldBecause: 'every re-index of this schedule is held' });

    await stores.index.deleteLecture(TENANT, deleted);
    await stores.lectures.delete(TENANT, deleted);
    await startWorkers(await newerEmbedder());
    const { media } = (await stores.lectures.get(TENANT, ingested))!;
    await (await runner.start({ tenantId: TENANT, lectureId: ingested, media, options: { priority: 'normal' } })).result();
    await edit(edited, 'parity');
    await publish(edited);
    const newest = await served([ingested, edited]);

    await decide(handle, 'swap');
    expect(await handle.result()).toMatchObject({ state: 'swapped', swapped: 1, left: 3 });
    expect(await served([ingested, edited])).toEqual(newest);
    expect(await served([deleted])).toEqual([]);
    expect(await stores.lectures.get(TENANT, deleted)).toBeUndefined();
    expect(await documented([left])).toEqual(await served([left]));
    expect(await ask('parity')).toEqual([edited]);
    expect(await rollBack(reindexId)).toEqual({ moved: 1, left: 3 });
    expect(await served([ingested, edited])).toEqual(newest);
  });
});
