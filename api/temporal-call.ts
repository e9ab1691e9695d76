import { ServiceError, WorkflowFailedError, isGrpcServiceError, type Client } from '@temporalio/client';
import { NamespaceNotFoundError, WorkflowNotFoundError } from '@temporalio/common';
import { LecternError } from '../contracts/errors.ts';

/** Temporal answers such calls in milliseconds; five seconds let it restart a connection, and no caller waits longer. */
const CALL_MS = 5_000;

/** A call of Temporal with a deadline, whose errors are ours: `not-found`, `invalid-input`, `unavailable`. */
export type TemporalCall = <T>(work: () => Promise<T>) => Promise<T>;

export function createTemporalCall(client: Pick<Client, 'withDeadline'>, withinMs = CALL_MS): TemporalCall {
  return async (work) => {
    try {
      return await client.withDeadline(Date.now() + withinMs, work);
    } catch (error) {
      throw toJobsError(error);
    }
  };
}

const GRPC = { cancelled: 1, invalidArgument: 3, deadlineExceeded: 4, notFound: 5, resourceExhausted: 8, unavailable: 14 } as const;

function toJobsError(error: unknown): unknown {
  if (error instanceof WorkflowFailedError || error instanceof LecternError) return error;
  if (error instanceof WorkflowNotFoundError) return new LecternError('not-found', 'there is no such running job', { cause: error });
  const status = error instanceof ServiceError ? error.cause : error;
  const code: number | undefined = isGrpcServiceError(status) ? status.code : undefined;
  if (code === GRPC.notFound) return new LecternError('not-found', 'there is no such job', { cause: error });
  if (code === GRPC.invalidArgument) return new LecternError('invalid-input', 'no such cursor or job id', { cause: error });
  const isDown = code === GRPC.unavailable || code === GRPC.deadlineExceeded || code === GRPC.resourceExhausted || code === GRPC.cancelled;
  if (isDown || error instanceof NamespaceNotFoundError) {
    return new LecternError('unavailable', 'Temporal, which runs the jobs, cannot be reached', {
      cure: 'Try again in a moment; `lectern doctor` tells what is down.',
      cause: error,
    });
  }
  return error;
}
