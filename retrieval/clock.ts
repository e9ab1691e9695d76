/** Time as whoever keeps a budget needs it; a test moves it by hand. */
export interface Clock {
  /** Milliseconds from some moment in the past; never goes back. */
  now(): number;
  /** A signal that aborts in `ms` milliseconds. */
  abortAfter(ms: number): AbortSignal;
}

export const SYSTEM_CLOCK: Clock = {
  now: () => performance.now(),
  abortAfter: (ms) => AbortSignal.timeout(Math.max(1, Math.ceil(ms))),
};
