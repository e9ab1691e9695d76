import { ActivityFailure, ApplicationFailure, TimeoutFailure } from '@temporalio/workflow';
import { ERROR_KINDS, type ErrorKind } from '../contracts/errors.ts';
import type { IngestFailure } from '../contracts/ingest.ts';
import type { Stage } from '../contracts/stages.ts';

/** What went wrong, as it is shown in memo, lecture document and API. */
export function toIngestFailure(error: unknown, stage: Stage): IngestFailure {
  const cause = error instanceof ActivityFailure ? error.cause : error;
  if (cause instanceof TimeoutFailure) {
    const what = cause.timeoutType === 'HEARTBEAT' ? 'its worker died or was cut off' : 'it took longer than it may';
    return { kind: 'unavailable', stage, message: `${stage} did not finish: ${what}` };
  }
  const kind = cause instanceof ApplicationFailure ? toErrorKind(cause.type) : 'internal';
  return { kind, stage, message: cause instanceof Error ? cause.message : String(cause) };
}

/** The failure that closes the workflow: typed, so that a list of failed runs says why without opening one. */
export function toWorkflowFailure(failure: IngestFailure): ApplicationFailure {
  return ApplicationFailure.create({
    type: failure.kind,
    message: `${failure.stage}: ${failure.message}`,
    nonRetryable: true,
    details: [failure],
  });
}

function toErrorKind(type: string | null | undefined): ErrorKind {
  return ERROR_KINDS.find((kind) => kind === type) ?? 'internal';
}
