import { Context } from '@temporalio/activity';
import type { DeadLetter, DeadLetterFilter } from '../contracts/dead-letters.ts';
import { LecternError } from '../contracts/errors.ts';
import type { JobId, TenantId } from '../contracts/identity.ts';
import type { RetryActivities } from '../contracts/retry-workflow.ts';
import { toActivity } from './activity.ts';

/** What the API does for one job, done for many by a worker. */
export interface RetryFailedDeps {
  retry: (client: Context['client'], request: { tenantId: TenantId; jobId: JobId }) => Promise<unknown>;
  /** The last ended first. */
  listDeadLetters: (
    client: Context['client'],
    tenantId: TenantId,
    filter: DeadLetterFilter & { until: string },
  ) => AsyncIterable<Pick<DeadLetter, 'jobId' | 'closedAt' | 'error'>>;
}

/** The workflow keeps their ids between its turns: a hundred are 7 kB. */
const BATCH = 100;
/** The recording is at fault: it would fail again, unless it is asked for by name. */
const HOPELESS_KINDS: ReadonlySet<string> = new Set(['invalid-input', 'unsupported-media']);

/** Activities of `retryFailedIngests`. */
export function createRetryActivities({ retry, listDeadLetters }: RetryFailedDeps): RetryActivities {
  return {
    listFailedJobs: toActivity(async ({ tenantId, filter, until, done }) => {
      const failed: { jobId: JobId; closedAt: string }[] = [];
      for await (const { jobId, closedAt, error } of listDeadLetters(Context.current().client, tenantId, { ...filter, until })) {
        if (done.includes(jobId) || (filter.kind === undefined && HOPELESS_KINDS.has(error.kind))) continue;
        failed.push({ jobId, closedAt });
        if (failed.length === BATCH) break;
      }
      return failed;
    }),
    retryJob: toActivity(async (request) => {
      try {
        await retry(Context.current().client, request);
        return { isRetried: true };
      } catch (error) {
        // Somebody was quicker, or the lecture is gone: the next one.
        if (error instanceof LecternError && (error.kind === 'conflict' || error.kind === 'not-found')) return { isRetried: false };
        throw error;
      }
    }),
  };
}
