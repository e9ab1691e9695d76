import type { RawWorkflowExecutionInfo, WorkflowExecutionDescription, WorkflowExecutionStatusName } from '@temporalio/client';
import { WorkflowFailedError } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import { z } from 'zod';
import { JobErrorSchema, type Job, type JobError, type JobState, type JobSummary } from '../contracts/api.ts';
import { parseIngestWorkflowId, splitJobId, toJobId, type JobId, type TenantId } from '../contracts/identity.ts';
import { FAILURE_MEMO, STAGES, type IngestProgress, type IngestResult, type StageProgress } from '../contracts/ingest.ts';
import type { Heartbeat } from './heartbeats.ts';
import { toJobStages } from './job-stages.ts';

/** Temporal's status as a job's state; a run that was paused by an operator still runs. */
export function toJobState(status: WorkflowExecutionStatusName): JobState {
  switch (status) {
    case 'COMPLETED':
      return 'completed';
    case 'FAILED':
    case 'TIMED_OUT':
      return 'failed';
    case 'CANCELLED':
      return 'cancelled';
    case 'TERMINATED':
    case 'CONTINUED_AS_NEW':
      return 'terminated';
    default:
      return 'running';
  }
}

/** Numbers of `temporal.api.enums.v1.WorkflowExecutionStatus`, which visibility answers with. */
const STATUS_BY_NUMBER: readonly WorkflowExecutionStatusName[] = [
  'UNSPECIFIED',
  'RUNNING',
  'COMPLETED',
  'FAILED',
  'CANCELLED',
  'TERMINATED',
  'CONTINUED_AS_NEW',
  'TIMED_OUT',
  'PAUSED',
];

/** A row of Temporal's visibility; `undefined` for a workflow that is not an ingest of this tenant. */
export function toJobSummary(tenantId: TenantId, raw: RawWorkflowExecutionInfo): JobSummary | undefined {
  const ids = parseIngestWorkflowId(raw.execution?.workflowId ?? '');
  const runId = raw.execution?.runId;
  if (ids?.tenantId !== tenantId || runId === undefined || runId === null) return undefined;
  const closedAt = toIsoTime(raw.closeTime);
  const stage = readKeyword(raw, 'LecternStage');
  return {
    jobId: toJobId(ids.lectureId, runId),
    lectureId: ids.lectureId,
    state: toJobState(STATUS_BY_NUMBER[raw.status ?? 0] ?? 'UNSPECIFIED'),
    startedAt: toIsoTime(raw.startTime) ?? new Date(0).toISOString(),
    ...(closedAt === undefined ? {} : { closedAt }),
    ...(stage === undefined ? {} : { stage }),
  };
}

export function toRunningJob(
  jobId: JobId,
  description: WorkflowExecutionDescription,
  progress: IngestProgress | undefined,
  heartbeats: readonly Heartbeat[],
): Job {
  const stages = progress === undefined ? [] : toJobStages(progress, heartbeats);
  return { ...summarize(jobId, description), stages, degraded: progress?.degraded ?? [] };
}

/** `result` is what the run returned, or the error it ended with. */
export function toClosedJob(
  jobId: JobId,
  description: WorkflowExecutionDescription,
  progress: IngestProgress | undefined,
  result: IngestResult | Error,
): Job {
  const summary = summarize(jobId, description);
  if (!(result instanceof Error)) return { ...summary, stages: stagesOf(result), degraded: result.degraded };
  const error = summary.state === 'failed' ? errorOf(description, result) : undefined;
  return { ...summary, stages: progress?.stages ?? [], degraded: progress?.degraded ?? [], ...(error === undefined ? {} : { error }) };
}

function summarize(jobId: JobId, description: WorkflowExecutionDescription): JobSummary {
  const stage = readKeyword(description.raw.workflowExecutionInfo ?? {}, 'LecternStage');
  return {
    jobId,
    lectureId: splitJobId(jobId).lectureId,
    state: toJobState(description.status.name),
    startedAt: description.startTime.toISOString(),
    ...(description.closeTime === undefined ? {} : { closedAt: description.closeTime.toISOString() }),
    ...(stage === undefined ? {} : { stage }),
  };
}

function stagesOf({ reused, computed, degraded }: IngestResult): StageProgress[] {
  const degradedStages = new Set(degraded.map(({ stage }) => stage));
  return STAGES.map((stage) => {
    if (degradedStages.has(stage)) return { stage, state: 'degraded' };
    if (reused.includes(stage)) return { stage, state: 'reused' };
    return { stage, state: computed.includes(stage) ? 'done' : 'waiting' };
  });
}

/** The workflow writes its failure into the memo; one that died otherwise (timed out, a broken history) tells only its message. */
function errorOf(description: WorkflowExecutionDescription, thrown: Error): JobError {
  const written = JobErrorSchema.safeParse(description.memo?.[FAILURE_MEMO]);
  if (written.success) return written.data;
  const cause = thrown instanceof WorkflowFailedError ? (thrown.cause ?? thrown) : thrown;
  const kind = cause instanceof ApplicationFailure ? (cause.type ?? 'internal') : 'internal';
  const stage = readKeyword(description.raw.workflowExecutionInfo ?? {}, 'LecternStage') ?? 'prepare';
  return { kind, stage, message: cause.message };
}

const KeywordSchema = z.union([z.string(), z.array(z.string()).min(1)]);

/** Search attributes travel as JSON payloads that no codec touches. */
function readKeyword(raw: RawWorkflowExecutionInfo, name: string): string | undefined {
  const data = raw.searchAttributes?.indexedFields?.[name]?.data;
  if (!data || data.length === 0) return undefined;
  const value = KeywordSchema.safeParse(JSON.parse(Buffer.from(data).toString('utf8')));
  if (!value.success) return undefined;
  return typeof value.data === 'string' ? value.data : value.data[0];
}

function toIsoTime(time: RawWorkflowExecutionInfo['startTime']): string | undefined {
  if (!time) return undefined;
  return new Date(Number(time.seconds ?? 0) * 1000 + (time.nanos ?? 0) / 1e6).toISOString();
}
