import { ApplicationFailure } from '@temporalio/common';
import { isRetryableKind, toLecternError, type ErrorKind, type LecternError } from '../contracts/errors.ts';

/**
 * Attempts after which a kind is given up although the moment might be at fault. A bug does not go away; memory or disk may become
 * free, but not for a file that is simply too large for the machine. What is `unavailable` waits as long as the stage's policy does.
 */
const MOST_ATTEMPTS: Partial<Record<ErrorKind, number>> = { internal: 3, 'out-of-resources': 5 };

const DISK_FULL = new Set(['ENOSPC', 'EDQUOT']);

/** The one place where Lectern's errors become Temporal's: the kind is the type, message and cure are what people read. */
export function toApplicationFailure(error: unknown, attempt: number): ApplicationFailure {
  const { kind, message, cure, details } = named(error);
  return ApplicationFailure.create({
    type: kind,
    message: cure === undefined ? message : `${message}. ${cure}`,
    nonRetryable: !isRetryableKind(kind) || attempt >= (MOST_ATTEMPTS[kind] ?? Infinity),
    details: [details],
    ...(error instanceof Error ? { cause: error } : {}),
  });
}

interface NamedError {
  kind: ErrorKind;
  message: string;
  cure: string | undefined;
  details: LecternError['details'];
}

function named(error: unknown): NamedError {
  const code = error instanceof Error && 'code' in error ? String(error.code) : undefined;
  if (code !== undefined && DISK_FULL.has(code)) {
    return { kind: 'out-of-resources', message: 'the disk is full', cure: 'Free space on the machine that runs the worker.', details: {} };
  }
  return toLecternError(error);
}
