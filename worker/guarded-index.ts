import { setTimeout as sleep } from 'node:timers/promises';
import { LecternError, toLecternError } from '../contracts/errors.ts';
import type { MetricSource } from '../contracts/metrics.ts';
import { BREAKER_STATES, createCircuitBreaker } from '../inference/llm/circuit-breaker.ts';
import type { VectorIndex } from '../retrieval/vector-index.ts';

export interface GuardOptions {
  /** Longest wait for one call. */
  deadlineMs?: number;
  /** Calls in a row that fail before the index is left alone. */
  maxFailures?: number;
  /** For how long; then one call tries it again. */
  coolDownMs?: number;
}

export interface GuardedIndex extends VectorIndex {
  /** The state of its breaker. */
  readonly metrics: MetricSource;
}

/** A search takes milliseconds: whoever asks is better told that the index is away than kept waiting. */
const DEADLINE_MS = 4_000;
const MAX_FAILURES = 3;
const COOL_DOWN_MS = 10_000;

/**
 * `index` for those who wait for an answer: each call has a deadline, and after some failures in a row a breaker spares the next
 * callers the wait. Errors: `unavailable` for both, and those of the index.
 */
export function guardIndex(
  index: VectorIndex,
  { deadlineMs = DEADLINE_MS, maxFailures = MAX_FAILURES, coolDownMs = COOL_DOWN_MS }: GuardOptions = {},
): GuardedIndex {
  const breaker = createCircuitBreaker({ maxFailures, coolDownMs });

  async function guarded<T>(call: () => Promise<T>): Promise<T> {
    const permit = breaker.enter();
    if (permit === undefined) {
      throw unavailable(`it failed ${maxFailures} times in a row and is left alone for ${Math.ceil(breaker.remainingMs / 1_000)} s`);
    }
    try {
      const answer = await withinDeadline(call(), deadlineMs);
      permit.succeed();
      return answer;
    } catch (error) {
      // An index that refuses a call is not away.
      if (toLecternError(error).kind === 'unavailable') permit.fail();
      else permit.succeed();
      throw error;
    }
  }

  const metrics: MetricSource = () => [
    {
      name: 'lectern_index_breaker_state',
      help: '1 for the state that the breaker of the index server is in.',
      type: 'gauge',
      samples: BREAKER_STATES.map((state) => ({ labels: { state }, value: state === breaker.state ? 1 : 0 })),
    },
  ];
  const guarding = new Proxy(index, {
    get(target, name) {
      if (name === 'metrics') return metrics;
      const member: unknown = Reflect.get(target, name, target);
      if (typeof member !== 'function') return member;
      const call = (...values: unknown[]) => Reflect.apply(member, target, values) as Promise<unknown>;
      return name === 'close' ? call : (...values: unknown[]) => guarded(() => call(...values));
    },
  });
  return guarding as GuardedIndex;
}

async function withinDeadline<T>(answer: Promise<T>, deadlineMs: number): Promise<T> {
  const answered = new AbortController();
  const deadline = sleep(deadlineMs, undefined, { signal: answered.signal }).then(() => {
    throw unavailable(`it did not answer within ${deadlineMs / 1_000} s`);
  });
  try {
    return await Promise.race([answer, deadline]);
  } finally {
    // The loser of the race ends unheard.
    answered.abort();
    deadline.catch(() => undefined);
    answer.catch(() => undefined);
  }
}

function unavailable(why: string): LecternError {
  return new LecternError('unavailable', `the index cannot be asked: ${why}`, {
    cure: 'Try again in a moment; `lectern doctor` tells what is down.',
  });
}
