import { setTimeout as sleep } from 'node:timers/promises';
import { isKind } from '../contracts/errors.ts';
import type { PcmSource } from '../inference/pcm-source.ts';

/** Of waiting for a store that is away: within the five minutes that the shortest stages may take. */
const PATIENCE_MS = 180_000;
const FIRST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 15_000;

/**
 * Tries again while a store is away: what took minutes to compute is not thrown away because of seconds. Errors: those of `work`,
 * `unavailable` after three minutes; whatever `signal` was aborted with.
 */
export async function whileAway<T>(work: () => Promise<T>, signal: AbortSignal): Promise<T> {
  const deadline = performance.now() + PATIENCE_MS;
  for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(2 * pauseMs, LONGEST_PAUSE_MS)) {
    signal.throwIfAborted();
    try {
      return await work();
    } catch (error) {
      const isAway = isKind(error, 'unavailable');
      if (!isAway || performance.now() > deadline) throw error;
    }
    await sleep(pauseMs, undefined, { signal });
  }
}

/** Audio whose reader waits for a store that is away: models read as they go. */
export function patientAudio({ totalSamples, ...audio }: PcmSource, signal: AbortSignal): PcmSource {
  return { totalSamples, read: (startSample, count) => whileAway(() => audio.read(startSample, count), signal) };
}
