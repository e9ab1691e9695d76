import type { Client, WorkflowExecutionDescription } from '@temporalio/client';
import type { History } from '@temporalio/common/lib/proto-utils.js';
import { isKind, LecternError } from '../contracts/errors.ts';
import { ingestWorkflowId, splitJobId, toJobId, type JobId, type LectureId, type TenantId } from '../contracts/identity.ts';
import { toIngestStartOptions } from '../contracts/ingest-start.ts';
import { INGEST_WORKFLOW, RETRY_OF_MEMO, type IngestInput } from '../contracts/ingest.ts';
import type { Lecture } from '../contracts/lecture.ts';
import type { RetryAccepted, RetryOverrides } from '../contracts/retry.ts';
import type { LectureStore } from '../storage/lectures.ts';
import { toJobState } from './job-view.ts';
import { isPinnedToAnotherBuild } from './pinned-build.ts';
import { readIngestInput } from './read-ingest-input.ts';
import { reopenLecture } from './reopen-lecture.ts';
import { findRestartPoint } from './restart-point.ts';
import { createTemporalCall, type TemporalCall } from './temporal-call.ts';

export interface RetryDeps {
  client: Client;
  lectures: Pick<LectureStore, 'get' | 'update'>;
}

export interface RetryRequest {
  tenantId: TenantId;
  jobId: JobId;
  /** None: the run goes on with what it was asked for. */
  overrides?: RetryOverrides;
}

/** What is known of the job to retry and of the last run on its lecture; `undefined` where Temporal has forgotten it. */
interface Runs {
  asked: WorkflowExecutionDescription | undefined;
  last: WorkflowExecutionDescription | undefined;
}

/**
 * Lets an ingest that came to nothing go on from the stage that failed it, or begins it anew where options change or its history does
 * not lead there. Asked twice it gives the same run. Errors: `not-found`; `conflict` when it runs, has completed, or a later run of
 * its lecture counts; `unavailable`.
 */
export async function retryIngest({ client, lectures }: RetryDeps, request: RetryRequest): Promise<RetryAccepted> {
  const { tenantId, jobId, overrides = {} } = request;
  const call = createTemporalCall(client);
  const { lectureId } = splitJobId(jobId);
  const lecture = await lectures.get(tenantId, lectureId);
  if (lecture === undefined) throw new LecternError('not-found', 'there is nothing of this id');

  const runs = await findRuns(client, call, tenantId, jobId);
  const before = retriedBefore(jobId, lectureId, runs);
  if (before !== undefined) return before;
  refuseUnlessOver(jobId, lecture, runs);

  const restore = await reopenLecture(lectures, tenantId, lectureId);
  try {
    const history = runs.asked && (await call(() => client.workflow.getHandle(runs.asked!.workflowId, runs.asked!.runId).fetchHistory()));
    const way = await chooseWay(client, call, { run: runs.asked, history, isChanged: Object.keys(overrides).length > 0 });
    if ('restartPoint' in way) {
      return { jobId: toJobId(lectureId, await continueFrom(client, call, way)), lectureId, how: 'continued' };
    }
    const input = await readIngestInput(client, history, lecture);
    const runId = await beginAnew(client, call, { input: withOverrides(input, overrides), lecture, jobId });
    return { jobId: toJobId(lectureId, runId), lectureId, how: 'anew', reason: way.reason };
  } catch (error) {
    await restore();
    throw error;
  }
}

interface Continuation {
  run: WorkflowExecutionDescription;
  restartPoint: NonNullable<ReturnType<typeof findRestartPoint>>;
}

async function chooseWay(
  client: Client,
  call: TemporalCall,
  { run, history, isChanged }: { run: Runs['asked']; history: History | undefined; isChanged: boolean },
): Promise<Continuation | { reason: string }> {
  if (isChanged) return { reason: 'its options change' };
  if (run === undefined || history === undefined) return { reason: 'Temporal has forgotten its run' };
  if (await isPinnedToAnotherBuild(client, call, run)) return { reason: 'it began on another build' };
  const restartPoint = findRestartPoint(history);
  return restartPoint === undefined ? { reason: 'no failed stage is in its history' } : { run, restartPoint };
}

async function findRuns(client: Client, call: TemporalCall, tenantId: TenantId, jobId: JobId): Promise<Runs> {
  const { lectureId, runId } = splitJobId(jobId);
  const describe = async (run?: string): Promise<WorkflowExecutionDescription | undefined> => {
    try {
      return await call(() => client.workflow.getHandle(ingestWorkflowId(tenantId, lectureId), run).describe());
    } catch (error) {
      if (isKind(error, 'not-found')) return undefined;
      throw error;
    }
  };
  return { asked: await describe(runId), last: await describe() };
}

/** The run that an earlier call of the same retry made, while it goes on. */
function retriedBefore(jobId: JobId, lectureId: LectureId, { asked, last }: Runs): RetryAccepted | undefined {
  if (last === undefined || toJobState(last.status.name) !== 'running') return undefined;
  const again = { jobId: toJobId(lectureId, last.runId), lectureId };
  if (asked?.raw.workflowExtendedInfo?.resetRunId === last.runId) return { ...again, how: 'continued' };
  if (last.memo?.[RETRY_OF_MEMO] === jobId) return { ...again, how: 'anew', reason: 'it was begun anew when this was asked before' };
  return undefined;
}

function refuseUnlessOver(jobId: JobId, lecture: Lecture, { asked, last }: Runs): void {
  const isForgotten = last === undefined && (lecture.state !== 'ready' || lecture.failure !== undefined);
  if (asked === undefined && !isForgotten) throw new LecternError('not-found', 'there is no such job');
  const state = last === undefined ? 'failed' : toJobState(last.status.name);
  if (state === 'running' || state === 'completed' || asked?.runId !== last?.runId) {
    const lastJob = last === undefined ? jobId : toJobId(lecture.lectureId, last.runId);
    const which = lastJob === jobId ? `job ${jobId}` : `a later job of this lecture, ${lastJob},`;
    throw new LecternError('conflict', `${which} ${state === 'running' ? 'still runs' : `has ended: ${state}`}`, {
      cure: state === 'running' || state === 'completed' ? 'There is nothing to retry.' : 'Retry that one.',
    });
  }
}

/** Temporal's reset. The request id follows from the run, so that two who ask at once get one new run. */
async function continueFrom(client: Client, call: TemporalCall, { run, restartPoint }: Continuation): Promise<string> {
  const { workflowId, runId } = run;
  const { runId: newRunId } = await call(() =>
    client.workflowService.resetWorkflowExecution({
      namespace: client.options.namespace,
      workflowExecution: { workflowId, runId },
      reason: 'retried',
      requestId: `retry-${runId}`,
      workflowTaskFinishEventId: restartPoint,
      // Else a run that was cancelled would be cancelled at once again.
      resetReapplyExcludeTypes: [EXCLUDE_CANCEL_REQUEST],
    }),
  );
  return newRunId;
}

/** Number of `temporal.api.enums.v1.ResetReapplyExcludeType`. */
const EXCLUDE_CANCEL_REQUEST = 4;

async function beginAnew(
  client: Client,
  call: TemporalCall,
  { input, lecture, jobId }: { input: IngestInput; lecture: Lecture; jobId: JobId },
): Promise<string> {
  const options = toIngestStartOptions(input, lecture.metadata);
  const memo = { ...options.memo, [RETRY_OF_MEMO]: jobId };
  const handle = await call(() => client.workflow.start(INGEST_WORKFLOW, { ...options, memo }));
  return handle.firstExecutionRunId;
}

function withOverrides(input: IngestInput, { language, speakers, priority }: RetryOverrides): IngestInput {
  const { language: languageBefore, speakers: speakersBefore, priority: priorityBefore } = input.options;
  const chosen = {
    language: language === undefined ? languageBefore : language,
    speakers: speakers === undefined ? speakersBefore : speakers,
  };
  return {
    ...input,
    options: {
      ...input.options,
      priority: priority ?? priorityBefore,
      ...(chosen.language === null ? {} : { language: chosen.language }),
      ...(chosen.speakers === null ? {} : { speakers: chosen.speakers }),
    },
  };
}
