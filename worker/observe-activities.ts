import type { Context } from '@temporalio/activity';
import { ApplicationFailure, CancelledFailure, defaultPayloadConverter, type Headers } from '@temporalio/common';
import type { ActivityInterceptorsFactory } from '@temporalio/worker';
import { CORRELATION_HEADER, toRunIdentity, type Correlation } from '../contracts/correlation.ts';
import { ERROR_KINDS, type ErrorKind } from '../contracts/errors.ts';
import type { IngestOutcome, PrepareResult } from '../contracts/ingest.ts';
import type { Span } from '../contracts/transcript.ts';
import { withLogFields, type LogFields } from '../observability/log-context.ts';
import { withStageAccount, type StageAccount } from '../observability/stage-account.ts';
import type { WorkerLogger } from './logger.ts';
import type { StageEnd, StageMetrics } from './stage-metrics.ts';

/**
 * Whatever an activity logs, Temporal's own lines on it included, says whose it is, of which job, stage and attempt, and the request
 * that asked for it; when it ends, it is counted, and one line says how.
 */
export function observeActivities(logger: WorkerLogger, metrics: StageMetrics): ActivityInterceptorsFactory {
  return (context) => {
    let fields = toLogFields(context, {});
    return {
      inbound: {
        async execute(input, next) {
          const correlation = readCorrelation(input.headers);
          fields = toLogFields(context, correlation);
          const [told] = input.args;
          const work = (account: StageAccount) => observe({ context, logger, metrics, told, correlation, account }, () => next(input));
          return withLogFields(fields, () => withStageAccount(work));
        },
      },
      outbound: { getLogAttributes: (input, next) => next({ ...input, ...fields }) },
    };
  };
}

interface Observed {
  context: Context;
  logger: WorkerLogger;
  metrics: StageMetrics;
  /** What the activity was told. */
  told: unknown;
  correlation: Correlation;
  account: StageAccount;
}

async function observe(observed: Observed, run: () => Promise<unknown>): Promise<unknown> {
  const { context, logger, metrics, told, account } = observed;
  const { activityType: stage, attempt, currentAttemptScheduledTimestampMs } = context.info;
  const began = performance.now();
  const waitSeconds = Math.max(0, Date.now() - currentAttemptScheduledTimestampMs) / 1_000;
  const end = (outcome: StageEnd['outcome']): void => {
    const seconds = (performance.now() - began) / 1_000;
    metrics.countStage({ stage, attempt, outcome, seconds, waitSeconds, account });
    const { readBytes, writtenBytes } = account;
    logger.info({ outcome, seconds: round(seconds), waitSeconds: round(waitSeconds), readBytes, writtenBytes }, 'stage ended');
  };
  try {
    const result = await run();
    account.audioSeconds = audioSecondsOf(stage, told, result) ?? account.audioSeconds;
    end(isReused(result) ? 'reused' : 'computed');
    if (stage === 'recordOutcome') countIngest(observed);
    return result;
  } catch (error) {
    end(error instanceof CancelledFailure || context.cancellationSignal.aborted ? 'cancelled' : toKind(error));
    throw error;
  }
}

/** Every ingest ends by having its outcome recorded. */
function countIngest({ metrics, told, correlation: { runStartedAtMs } }: Observed): void {
  const { outcome } = told as { outcome: IngestOutcome };
  metrics.countIngest(outcome, runStartedAtMs === undefined ? undefined : (Date.now() - runStartedAtMs) / 1_000);
}

function toLogFields({ info }: Context, { requestId, traceId }: Correlation): LogFields {
  const { workflowExecution, activityType, attempt } = info;
  const identity = workflowExecution === undefined ? {} : toRunIdentity(workflowExecution.workflowId, workflowExecution.runId);
  return { ...identity, stage: activityType, attempt, ...(requestId && { requestId }), ...(traceId && { traceId }) };
}

function readCorrelation(headers: Headers): Correlation {
  const header = headers[CORRELATION_HEADER];
  return header === undefined ? {} : defaultPayloadConverter.fromPayload<Correlation>(header);
}

/** A piece is a part of the recording that is opened for it, and `prepare` learns the length only as it decodes. */
function audioSecondsOf(stage: string, told: unknown, result: unknown): number | undefined {
  if (stage === 'prepare') return (result as PrepareResult).durationSeconds;
  if (stage !== 'transcribePiece') return undefined;
  const { piece } = told as { piece: Span };
  return piece.endSeconds - piece.startSeconds;
}

function isReused(result: unknown): boolean {
  return typeof result === 'object' && result !== null && 'reused' in result && result.reused === true;
}

function toKind(error: unknown): ErrorKind {
  const type = error instanceof ApplicationFailure ? error.type : undefined;
  return ERROR_KINDS.find((kind) => kind === type) ?? 'internal';
}

function round(seconds: number): number {
  return Math.round(seconds * 1_000) / 1_000;
}
