import type { Client, WorkflowExecutionDescription, WorkflowExecutionInfo } from '@temporalio/client';
import { isKind } from '../contracts/errors.ts';
import { ingestWorkflowId, parseIngestWorkflowId } from '../contracts/identity.ts';
import type { Lecture } from '../contracts/lecture.ts';
import { INGEST_WORKFLOW } from '../contracts/stages.ts';
import type { LectureStore } from '../storage/lectures.ts';
import { toJobState } from './job-view.ts';
import { toRunFailure } from './run-failure.ts';
import { createTemporalCall } from './temporal-call.ts';

/** Lectures whose documents say something else than their runs. */
export interface LectureReconciler {
  /** The lecture as it truly is. One that Temporal cannot be asked about is given back as it was. */
  settle(lecture: Lecture): Promise<Lecture>;
  /** Settles the lectures of all runs that ended since; returns how many were settled. Errors: `unavailable`. */
  sweep(sinceMs: number): Promise<number>;
}

/** Between the document and its run lies one call of Temporal's: a lecture that waits this long for it waits in vain. */
const START_MS = 10 * 60 * 1000;
/** Nobody who reads a lecture waits longer for a Temporal that is away. */
const ASK_MS = 2_000;
const SWEEP_MS = 60_000;

/**
 * A run writes on its lecture how it ended. One that is terminated cannot, nor one that is deleted, and whoever reads the lecture would
 * wait for ever. Nor does a reset in the Temporal UI say on the lecture that it goes on.
 */
export function createLectureReconciler(deps: { client: Client; lectures: Pick<LectureStore, 'get' | 'update'> }): LectureReconciler {
  const { client, lectures } = deps;
  const call = createTemporalCall(client, ASK_MS);
  const settle = async (lecture: Lecture): Promise<Lecture> => {
    if (lecture.state === 'ready') return lecture;
    const { tenantId, lectureId } = lecture;
    const settled = toSettled(lecture, await findLastRun(), Date.now());
    if (settled === undefined) return lecture;
    // Only what was looked at: a new run may have begun meanwhile.
    return lectures.update(tenantId, lectureId, (current) => (current.updatedAt === lecture.updatedAt ? settled : current));

    async function findLastRun(): Promise<WorkflowExecutionDescription | undefined> {
      try {
        return await call(() => client.workflow.getHandle(ingestWorkflowId(tenantId, lectureId)).describe());
      } catch (error) {
        if (isKind(error, 'not-found')) return undefined;
        throw error;
      }
    }
  };
  return {
    async settle(lecture) {
      try {
        return await settle(lecture);
      } catch (error) {
        // Whether it is still under way is a courtesy to whoever reads it.
        if (isKind(error, 'unavailable')) return lecture;
        throw error;
      }
    },
    sweep: (sinceMs) =>
      createTemporalCall(
        client,
        SWEEP_MS,
      )(async () => {
        let settled = 0;
        for await (const { workflowId } of client.workflow.list({ query: toQuery(sinceMs) })) {
          const ids = parseIngestWorkflowId(workflowId);
          const lecture = ids && (await lectures.get(ids.tenantId, ids.lectureId));
          if (lecture?.state === 'processing' && (await settle(lecture)).state !== 'processing') settled += 1;
        }
        return settled;
      }),
  };
}

function toQuery(sinceMs: number): string {
  const ended = `ExecutionStatus IN ('Failed', 'TimedOut', 'Terminated', 'Canceled')`;
  return `WorkflowType = '${INGEST_WORKFLOW}' AND ${ended} AND CloseTime >= '${new Date(sinceMs).toISOString()}'`;
}

/** A run as far as it matters here. */
type Run = Pick<WorkflowExecutionInfo, 'status' | 'memo' | 'searchAttributes' | 'startTime' | 'closeTime'>;

/** The lecture as its last run left it or goes on with it; `undefined` where it says so already, or may in a moment. */
export function toSettled(lecture: Lecture, last: Run | undefined, nowMs: number): Lecture | undefined {
  if (lecture.state !== 'processing') return last === undefined ? undefined : toReopened(lecture, last);
  const waitsInVain = nowMs - Date.parse(lecture.updatedAt) > START_MS;
  const isItsRun = last?.closeTime !== undefined && last.closeTime.getTime() >= Date.parse(lecture.updatedAt);
  const state = last === undefined ? 'forgotten' : toJobState(last.status.name);
  if (state === 'running' || !(isItsRun || waitsInVain)) return undefined;
  // Readers of an earlier generation keep it.
  const serves = lecture.generation !== undefined;
  if (state === 'cancelled') return { ...lecture, state: serves ? 'ready' : 'cancelled' };
  const failure =
    last === undefined || state === 'completed'
      ? { kind: 'internal', stage: 'prepare', message: 'no run of its ingest is known: it never began, or is forgotten' }
      : toRunFailure(last);
  return { ...lecture, state: serves ? 'ready' : 'failed', failure };
}

/** Begun after the document was written: else it is the very run that has just written how it ends. */
function toReopened(lecture: Lecture, last: Run): Lecture | undefined {
  if (toJobState(last.status.name) !== 'running' || last.startTime.getTime() <= Date.parse(lecture.updatedAt)) return undefined;
  const { failure: _, ...rest } = lecture;
  return { ...rest, state: 'processing' };
}
