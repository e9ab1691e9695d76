import { setTimeout as sleep } from 'node:timers/promises';
import { LecternError, toLecternError } from '../../contracts/errors.ts';
import type { SupervisedProcess } from './supervised-process.ts';

const ASK_EVERY_MS = 200;

/** Waits until `check` passes; a process that dies meanwhile or never gets healthy is explained with the end of its log. */
export async function untilHealthy(process: SupervisedProcess, check: () => Promise<void>, timeoutMs: number): Promise<void> {
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    const exit = process.exit();
    if (exit !== undefined) {
      throw new LecternError('unavailable', `${process.name} ended with exit code ${exit.code} while starting:\n${process.logTail()}`);
    }
    const problem = await check().then(
      () => undefined,
      (error: unknown) => toLecternError(error),
    );
    if (problem === undefined) return;
    if (Date.now() > deadline) {
      throw new LecternError(
        'unavailable',
        `${process.name} was not ready after ${timeoutMs / 1000} s (${problem.message}):\n${process.logTail()}`,
      );
    }
    await sleep(ASK_EVERY_MS);
  }
}
