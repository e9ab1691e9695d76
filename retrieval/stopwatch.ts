/** Milliseconds of named steps; a step that comes again adds up. */
export interface Stopwatch {
  readonly laps: Record<string, number>;
  /** Counts the time since the last lap, or since the start, as `step`'s. */
  lap(step: string): void;
}

export function startStopwatch(): Stopwatch {
  const laps: Record<string, number> = {};
  let last = performance.now();
  return {
    laps,
    lap(step) {
      const now = performance.now();
      laps[step] = (laps[step] ?? 0) + now - last;
      last = now;
    },
  };
}
