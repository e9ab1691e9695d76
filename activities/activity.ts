import { Context } from '@temporalio/activity';
import { ApplicationFailure, CancelledFailure } from '@temporalio/common';
import { toApplicationFailure } from './failure.ts';

/** A sixth of the heartbeat timeout: one lost heartbeat is no death, and a cancellation is heard within this time. */
const HEARTBEAT_MS = 5_000;

type ProgressDetails = Record<string, number | string>;

/** Temporal's side of a running activity. */
export interface ActivityRun {
  /** Aborted when the run is cancelled or its worker stops: passed to everything that takes long. */
  signal: AbortSignal;
  /**
   * Small details for the next heartbeat, shown in the Temporal UI: numbers and names of steps, never text of a lecture. What counts
   * (`done...`) does not go back where an earlier attempt had come further.
   */
  progress(details: ProgressDetails): void;
}

/**
 * Wraps the work of an activity: heartbeats while it goes on (inference runs in threads of its own, so the timer keeps its time),
 * cancellation as a signal, errors as typed failures.
 */
export function toActivity<Input, Output>(work: (input: Input, run: ActivityRun) => Promise<Output>): (input: Input) => Promise<Output> {
  return async (input) => {
    const context = Context.current();
    const signal = context.cancellationSignal;
    const reached = detailsOf(context.info.heartbeatDetails);
    let details = reached;
    const timer = setInterval(() => context.heartbeat(details), HEARTBEAT_MS);
    try {
      signal.throwIfAborted();
      return await work(input, { signal, progress: (latest) => (details = notBehind(reached, latest)) });
    } catch (error) {
      // Whatever an aborted step throws, the reason is the cancellation.
      if (signal.aborted) throw signal.reason;
      if (error instanceof CancelledFailure || error instanceof ApplicationFailure) throw error;
      throw toApplicationFailure(error, context.info.attempt);
    } finally {
      clearInterval(timer);
    }
  };
}

/** What the attempt before told last; nothing at the first. */
function detailsOf(heartbeat: unknown): ProgressDetails {
  return typeof heartbeat === 'object' && heartbeat !== null ? (heartbeat as ProgressDetails) : {};
}

function notBehind(reached: ProgressDetails, latest: ProgressDetails): ProgressDetails {
  const entries = Object.entries(latest).map(([name, value]) => {
    const before = reached[name];
    const counts = name.startsWith('done') && typeof value === 'number' && typeof before === 'number';
    return [name, counts ? Math.max(before, value) : value];
  });
  return Object.fromEntries(entries) as ProgressDetails;
}
