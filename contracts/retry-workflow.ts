import type { DeadLetterFilter } from './dead-letters.ts';
import type { JobId, TenantId } from './identity.ts';

// Types only, for the workflow sandbox.

/** How far a bulk retry is: what the query tells, and its result. */
export interface BulkRetryCounts {
  /** Ingests that go on. */
  retried: number;
  /** Ingests that could not: retried or replaced by somebody else meanwhile, or deleted. */
  refused: number;
}

/** Argument of `retryFailedIngests`. */
export interface BulkRetryInput {
  tenantId: TenantId;
  filter: DeadLetterFilter;
  /** Retries a minute. */
  perMinute: number;
  /** What ended later is not meant: else what fails again would be retried for ever. ISO 8601. */
  until: string;
  /** Those that ended at `until` and have had their turn. */
  done: JobId[];
  counts: BulkRetryCounts;
}

export interface RetryActivities {
  /** The next failed ingests, the last ended first: at most a hundred. */
  listFailedJobs(input: Pick<BulkRetryInput, 'tenantId' | 'filter' | 'until' | 'done'>): Promise<{ jobId: JobId; closedAt: string }[]>;
  retryJob(input: { tenantId: TenantId; jobId: JobId }): Promise<{ isRetried: boolean }>;
}
