import {
  CancellationScope,
  condition,
  continueAsNew,
  defineQuery,
  defineSignal,
  executeChild,
  isCancellation,
  setHandler,
  startChild,
  workflowInfo,
} from '@temporalio/workflow';
import type { LectureId, TenantId } from '../contracts/identity.ts';
import {
  DECIDE_SIGNAL,
  reindexLectureWorkflowId,
  wayBackWorkflowId,
  type MovedLectures,
  type ReindexDecision,
  type ReindexInput,
  type ReindexLectureInput,
  type ReindexProgress,
} from '../contracts/reindex-workflow.ts';
import { PRIORITY_KEYS, PROGRESS_QUERY, type SearchAttributeName } from '../contracts/stages.ts';
import { followBuilds } from './follow-builds.ts';
import { findReasonToHold } from './hold-reason.ts';
import { keepWayBack } from './keep-way-back.ts';
import { reindexLecture } from './reindex-lecture.ts';
import { closeReindex, listPlanned, measureReindex, planReindex, swapReindex } from './reindex-policies.ts';
import { createReindexProgress, type ProgressOfReindex } from './reindex-progress.ts';
import { sideBySideInWindow } from './side-by-side.ts';

const progressQuery = defineQuery<ReindexProgress>(PROGRESS_QUERY);
const decideSignal = defineSignal<[ReindexDecision]>(DECIDE_SIGNAL);

/** A lecture takes about 25 events: this stays far below the 4,096 after which Temporal advises to continue as new. */
const LECTURES_PER_RUN = 100;
/** A re-index that nobody decides on is dropped: what it staged takes as much room as what is served. */
const HELD_FOR = '14 days';

followBuilds(reindexSemester);

/**
 * Brings a semester to what today's code, models and settings make of it, beside what readers see: lectures are staged in a sliding
 * window, a set of questions is asked of both, and all lectures are swapped in at one moment, unless search has become worse. Edits,
 * ingests and deletions go on meanwhile and have the last word on their lecture.
 */
export async function reindexSemester(input: ReindexInput): Promise<ReindexProgress> {
  const { tenantId } = input;
  const reindexId = workflowInfo().workflowId.slice(`${tenantId}/reindex/`.length);
  const progress = createReindexProgress(input);
  setHandler(progressQuery, () => progress.snapshot());
  setHandler(decideSignal, (decision) => progress.change({ decision }));
  try {
    await stageLectures(input, reindexId, progress);
    return await publish(input, reindexId, progress);
  } catch (error) {
    if (isCancellation(error)) await CancellationScope.nonCancellable(() => closeReindex({ tenantId, reindexId, drop: 'staged' }));
    throw error;
  }
}

/** Continues as new, which throws, until no lecture is left. */
async function stageLectures(input: ReindexInput, reindexId: string, progress: ProgressOfReindex): Promise<void> {
  const { tenantId, semester, options, lecturesPerRun = LECTURES_PER_RUN } = input;
  if (input.carried === undefined) progress.change({ lectures: await planReindex({ tenantId, reindexId, semester }) });
  const lectures = await listPlanned({ tenantId, reindexId, offset: progress.done(), limit: lecturesPerRun });
  const tasks = lectures.map((lectureId) => () => stageOne({ tenantId, reindexId, lectureId }, progress));
  await sideBySideInWindow(tasks, options.window);
  if (progress.done() < progress.snapshot().lectures) {
    await continueAsNew<typeof reindexSemester>({ ...input, carried: progress.snapshot() });
  }
}

/** A lecture that fails stays as it is; the others go on. */
async function stageOne(input: ReindexLectureInput, progress: ProgressOfReindex): Promise<void> {
  const { tenantId, lectureId } = input;
  try {
    const result = await executeChild(reindexLecture, {
      workflowId: reindexLectureWorkflowId(tenantId, lectureId),
      args: [input],
      parentClosePolicy: 'ABANDON',
      priority: { priorityKey: PRIORITY_KEYS.low, fairnessKey: tenantId },
      typedSearchAttributes: toAttributes(tenantId, lectureId),
    });
    progress.finish(result);
  } catch (error) {
    if (CancellationScope.current().consideredCancelled) throw error;
    // Cancelled, but not by us: its lecture is being deleted.
    progress.finish(isCancellation(error) ? { state: 'gone', computedStages: 0 } : 'failed');
  }
}

async function publish(input: ReindexInput, reindexId: string, progress: ProgressOfReindex): Promise<ReindexProgress> {
  const { tenantId, semester, options } = input;
  const drop = async (state: 'dropped' | 'unchanged') => {
    await closeReindex({ tenantId, reindexId, drop: 'staged' });
    progress.change({ state });
    return progress.snapshot();
  };
  if (progress.snapshot().staged === 0) return drop('unchanged');

  progress.change({ state: 'measuring' });
  progress.change({ evaluation: await measureReindex({ tenantId, reindexId, semester }) });
  const heldBecause = findReasonToHold(progress.snapshot(), options);
  const isDecided = () => progress.snapshot().decision !== undefined;
  if (heldBecause !== null && !isDecided()) {
    progress.change({ state: 'held', heldBecause });
    await condition(isDecided, HELD_FOR);
  }
  const { decision = heldBecause === null ? 'swap' : 'drop' } = progress.snapshot();
  if (decision === 'drop') return drop('dropped');

  progress.change({ state: 'swapping' });
  // Readers see it from here on: even somebody who cancels at this moment must have a way back.
  const { moved, left } = await CancellationScope.nonCancellable(() => swap({ tenantId, reindexId }, options.wayBackSeconds));
  progress.change({ state: 'swapped', swapped: moved, left });
  return progress.snapshot();
}

async function swap(context: { tenantId: TenantId; reindexId: string }, seconds: number): Promise<MovedLectures> {
  const moved = await swapReindex(context);
  await startChild(keepWayBack, {
    workflowId: wayBackWorkflowId(context.tenantId, context.reindexId),
    args: [{ ...context, seconds }],
    parentClosePolicy: 'ABANDON',
    typedSearchAttributes: toAttributes(context.tenantId),
  });
  return moved;
}

function toAttributes(tenantId: string, lectureId?: LectureId) {
  const values: [SearchAttributeName, string | undefined][] = [
    ['LecternTenant', tenantId],
    ['LecternLecture', lectureId],
  ];
  return values.flatMap(([name, value]) => (value === undefined ? [] : [{ key: { name, type: 'KEYWORD' as const }, value }]));
}
