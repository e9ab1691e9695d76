import { Runtime } from '@temporalio/worker';
import { toLecternError } from '../contracts/errors.ts';
import type { WorkerLogger } from './logger.ts';

/** Runs a worker process until SIGTERM or SIGINT; an error is logged with what to do about it and makes the exit code 1. */
export async function runProcess(logger: WorkerLogger, work: (signal: AbortSignal) => Promise<void>): Promise<void> {
  const stop = new AbortController();
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    // The second one ends the process at once, as without a handler.
    process.once(signal, () => {
      logger.info({ signal }, 'stopping');
      stop.abort();
    });
  }
  try {
    await work(stop.signal);
    logger.info('stopped');
  } catch (error) {
    const { kind, message, cure } = toLecternError(error);
    logger.fatal({ err: error, kind, cure }, message);
    process.exitCode = 1;
  } finally {
    await Runtime.instance().shutdown();
  }
}
