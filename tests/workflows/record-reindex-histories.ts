import type { WorkflowHandleWithFirstExecutionRunId } from '@temporalio/client';
import type { ReindexActivities, ReindexInput, ReindexProgress } from '../../contracts/reindex-workflow.ts';
import {
  DECIDE_SIGNAL,
  REINDEX_LECTURE_WORKFLOW,
  REINDEX_WORKFLOW,
  reindexLectureWorkflowId,
  reindexWorkflowId,
  ROLL_BACK_UPDATE,
  WAY_BACK_WORKFLOW,
  wayBackWorkflowId,
} from '../../contracts/reindex-workflow.ts';
import { PROGRESS_QUERY, TASK_QUEUES } from '../../contracts/stages.ts';
import { createFakeActivities } from './fake-activities.ts';
import type { IngestRunner } from './ingest-runner.ts';

const TENANT = 'demo';
const LECTURES = [1, 2, 3].map((number) => `lec_${number.toString(16).padStart(24, '0')}`);
const WORSE = { questions: 9, before: { ndcg10: 0.9, hitRate: 1 }, after: { ndcg10: 0.5, hitRate: 0.8 } };

/** Saves the history of a run under a name, by which the replay test knows the id that it ran under. */
type Save = (name: string, workflowId: string, runId?: string) => Promise<void>;

const createActivities = (changed: Partial<ReindexActivities> = {}): ReindexActivities => ({
  planReindex: async () => LECTURES.length,
  listPlanned: async ({ offset, limit }) => LECTURES.slice(offset, offset + limit),
  openLecture: async () => ({ from: 'g1-a', transcript: { key: 'k', digest: 'd' } }),
  stageLecture: async () => ({ state: 'staged' }),
  measureReindex: async () => null,
  swapReindex: async () => ({ moved: 3, left: 0 }),
  rollBackReindex: async () => ({ moved: 3, left: 0 }),
  closeReindex: async () => undefined,
  ...changed,
});

/** Every path of a re-index: continued, swapped, held and dropped, cancelled; a lecture of it; the way back, taken. */
export async function recordReindexHistories(runner: IngestRunner, save: Save): Promise<void> {
  const withReindex = async (
    name: string,
    input: Partial<ReindexInput>,
    changed: Partial<ReindexActivities>,
    work: Work,
  ): Promise<void> => {
    const fakes = createFakeActivities();
    const stops = await Promise.all([
      runner.startWorker(TASK_QUEUES.cpu, { ...fakes.cpu, ...createActivities(changed) }),
      runner.startWorker(TASK_QUEUES.gpu, fakes.gpu),
    ]);
    const options: ReindexInput['options'] = { window: 2, margin: 0.02, hold: 'worse', wayBackSeconds: 3_600 };
    const workflowId = reindexWorkflowId(TENANT, name);
    const handle = await runner.client.workflow.start<(given: ReindexInput) => Promise<ReindexProgress>>(REINDEX_WORKFLOW, {
      workflowId,
      taskQueue: TASK_QUEUES.cpu,
      args: [{ tenantId: TENANT, semester: 'WS', options, ...input }],
    });
    await work(handle);
    if (input.lecturesPerRun !== undefined) await save('continued', workflowId, handle.firstExecutionRunId);
    await save(name, workflowId);
    await Promise.all(stops.map((stop) => stop()));
  };

  await withReindex('swapped', { lecturesPerRun: 2 }, {}, async (handle) => {
    await handle.result();
    const lecture = reindexLectureWorkflowId(TENANT, LECTURES[0]!);
    await save(REINDEX_LECTURE_WORKFLOW, lecture);
    const wayBack = runner.client.workflow.getHandle(wayBackWorkflowId(TENANT, 'swapped'));
    await wayBack.executeUpdate(ROLL_BACK_UPDATE);
    await wayBack.result();
    await save(WAY_BACK_WORKFLOW, wayBack.workflowId);
  });
  const untilHeld = async (handle: Parameters<Work>[0]) => {
    while ((await handle.query<ReindexProgress>(PROGRESS_QUERY)).state !== 'held') await new Promise((resolve) => setTimeout(resolve, 50));
  };
  await withReindex('dropped', {}, { measureReindex: async () => WORSE }, async (handle) => {
    await untilHeld(handle);
    await handle.signal(DECIDE_SIGNAL, 'drop');
    await handle.result();
  });
  await withReindex('cancelled', {}, { measureReindex: async () => WORSE }, async (handle) => {
    await untilHeld(handle);
    await handle.cancel();
    await handle.result().catch(() => undefined);
  });
}

type Work = (handle: WorkflowHandleWithFirstExecutionRunId<(given: ReindexInput) => Promise<ReindexProgress>>) => Promise<void>;
