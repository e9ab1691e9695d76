/** `closed`: calls go through. `open`: none does. `half-open`: one does, as a probe. */
export const BREAKER_STATES = ['closed', 'half-open', 'open'] as const;
export type BreakerState = (typeof BREAKER_STATES)[number];

export interface BreakerOptions {
  /** Failures in a row that open it. */
  maxFailures: number;
  /** How long it stays open before a probe is let through. */
  coolDownMs: number;
  /** Milliseconds of a clock that only goes forward. */
  now?: () => number;
}

/** Leave for one call. The first of the three counts, later ones change nothing. */
export interface Permit {
  succeed(): void;
  fail(): void;
  /** The caller went away: the call says nothing about the server. */
  abandon(): void;
}

export interface CircuitBreaker {
  readonly state: BreakerState;
  /** Failures in a row so far. */
  readonly failures: number;
  /** Until a probe is let through; 0 unless open. */
  readonly remainingMs: number;
  /** `undefined`: do without. */
  enter(): Permit | undefined;
}

/** A circuit breaker (Nygard, Release It!, 2007): spares callers the wait for a server that is known to be away. */
export function createCircuitBreaker({ maxFailures, coolDownMs, now = () => performance.now() }: BreakerOptions): CircuitBreaker {
  let failures = 0;
  let openUntil: number | undefined;
  let probing = false;

  const toState = (): BreakerState => {
    if (openUntil === undefined) return 'closed';
    return now() < openUntil ? 'open' : 'half-open';
  };

  return {
    get state() {
      return toState();
    },
    get failures() {
      return failures;
    },
    get remainingMs() {
      return Math.max(0, (openUntil ?? 0) - now());
    },
    enter() {
      const state = toState();
      if (state === 'open' || (state === 'half-open' && probing)) return undefined;
      const isProbe = state === 'half-open';
      if (isProbe) probing = true;
      let settled = false;
      const settle = (change: () => void) => (): void => {
        if (settled) return;
        settled = true;
        if (isProbe) probing = false;
        change();
      };
      return {
        succeed: settle(() => {
          failures = 0;
          // A call from before it opened says nothing about the server now.
          if (isProbe) openUntil = undefined;
        }),
        fail: settle(() => {
          failures += 1;
          if (isProbe || (openUntil === undefined && failures >= maxFailures)) openUntil = now() + coolDownMs;
        }),
        abandon: settle(() => undefined),
      };
    },
  };
}
