import { isCancellation, upsertMemo } from '@temporalio/workflow';
import type { IngestOutcome, StageContext } from '../contracts/ingest.ts';
import { FAILURE_MEMO } from '../contracts/stages.ts';
import { toIngestFailure } from './ingest-failure.ts';
import type { ProgressOfIngest } from './ingest-progress.ts';
import { discardGeneration, recordOutcome } from './retry-policies.ts';

/**
 * A run that ends early leaves no half-written generation, and a lecture that says what happened. Where even that cannot be done,
 * the history shows it; the run still ends with its own error, and rows that were never activated are seen by nobody.
 */
export async function settleRun(
  error: unknown,
  context: StageContext,
  progress: ProgressOfIngest,
  generation: string | undefined,
): Promise<void> {
  let outcome: IngestOutcome = { state: 'cancelled' };
  if (!isCancellation(error)) {
    const failure = toIngestFailure(error, progress.failedStage());
    upsertMemo({ [FAILURE_MEMO]: failure });
    progress.mark(failure.stage);
    outcome = { state: 'failed', ...failure };
  }
  await Promise.allSettled([
    recordOutcome({ ...context, outcome }),
    ...(generation === undefined ? [] : [discardGeneration({ ...context, generation })]),
  ]);
}
