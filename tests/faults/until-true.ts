import { setTimeout as sleep } from 'node:timers/promises';

/** A busy machine takes its time; what has not come by then will not. */
const PATIENCE_MS = 600_000;
const LOOK_EVERY_MS = 50;

export async function untilTrue(what: string, isTrue: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = Date.now() + PATIENCE_MS;
  while (!(await isTrue())) {
    if (Date.now() > deadline) throw new Error(`not within ${PATIENCE_MS / 1000} s: ${what}`);
    await sleep(LOOK_EVERY_MS);
  }
}
