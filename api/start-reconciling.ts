import type { Logger } from 'pino';
import type { LectureReconciler } from './reconcile-lectures.ts';

const EVERY_MS = 5 * 60 * 1000;
/** Runs that ended while this looked the last time, or a little before, when their lectures could not be settled yet. */
const OVERLAP_MS = 60 * 60 * 1000;
/** At the start: what ended while no API ran. Older ones are settled when somebody reads them. */
const FIRST_MS = 7 * 24 * 3600 * 1000;

/** Looks for lectures without a run now and every five minutes; returns how to stop. */
export function startReconciling(reconciler: LectureReconciler, logger: Logger): () => Promise<void> {
  const sweep = async (reachMs: number): Promise<void> => {
    try {
      const settled = await reconciler.sweep(Date.now() - reachMs);
      if (settled > 0) logger.info({ settled }, 'ended lectures whose runs had been cut off');
    } catch (error) {
      logger.warn({ err: error }, 'lectures without a run could not be looked for');
    }
  };
  void sweep(FIRST_MS);
  const timer = setInterval(() => void sweep(OVERLAP_MS), EVERY_MS);
  // One that goes on changes nothing that is not so: the process need not wait for it.
  return async () => clearInterval(timer);
}
