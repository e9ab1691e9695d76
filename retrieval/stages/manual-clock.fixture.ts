import type { Clock } from '../clock.ts';

/** A clock that stands still until it is moved. */
export interface ManualClock extends Clock {
  /** Moves time on; signals whose moment comes abort. */
  advance(ms: number): void;
}

export function createManualClock(): ManualClock {
  let now = 0;
  const alarms: { at: number; controller: AbortController }[] = [];
  return {
    now: () => now,
    abortAfter(ms) {
      const controller = new AbortController();
      alarms.push({ at: now + ms, controller });
      return controller.signal;
    },
    advance(ms) {
      now += ms;
      for (const { at, controller } of alarms) if (at <= now) controller.abort(new DOMException('time is up', 'TimeoutError'));
    },
  };
}
