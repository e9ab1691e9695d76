import { setTimeout as sleep } from 'node:timers/promises';
import { LecternError } from '../contracts/errors.ts';

/**
 * Does the work, and again for as long as the API answers that the tenant or the key has asked for too much in a minute: after the time
 * that it named, of which `onWait` is told. `work` must be able to start over.
 */
export async function withinLimits<T>(signal: AbortSignal, work: () => Promise<T>, onWait?: (seconds: number) => void): Promise<T> {
  for (;;) {
    try {
      return await work();
    } catch (error) {
      const seconds = error instanceof LecternError && error.kind === 'rate-limited' ? error.details['retryAfterSeconds'] : undefined;
      if (typeof seconds !== 'number') throw error;
      onWait?.(seconds);
      await sleep(seconds * 1_000, undefined, { signal });
    }
  }
}
