import { continueAsNew, defineQuery, proxyActivities, setHandler, sleep, workflowInfo } from '@temporalio/workflow';
import { ERROR_KINDS, isRetryableKind } from '../contracts/errors.ts';
import type { BulkRetryCounts, BulkRetryInput, RetryActivities } from '../contracts/retry-workflow.ts';
import { PROGRESS_QUERY, TASK_QUEUES } from '../contracts/stages.ts';

/** Questions to Temporal and the object store, which answer in moments or are away: they are waited for as long as it takes. */
const { listFailedJobs, retryJob } = proxyActivities<RetryActivities>({
  taskQueue: TASK_QUEUES.cpu,
  startToCloseTimeout: '5 minutes',
  heartbeatTimeout: '30 seconds',
  retry: {
    initialInterval: '1 second',
    maximumInterval: '1 minute',
    nonRetryableErrorTypes: ERROR_KINDS.filter((kind) => !isRetryableKind(kind)),
  },
});

const progressQuery = defineQuery<BulkRetryCounts>(PROGRESS_QUERY);

/**
 * Retries the failed ingests of a tenant one after another, so many a minute: what failed together, because a store was away, must not
 * come back all at once. Newest first, each once.
 */
export async function retryFailedIngests(input: BulkRetryInput): Promise<BulkRetryCounts> {
  const { tenantId, filter, perMinute } = input;
  const counts = { ...input.counts };
  setHandler(progressQuery, () => ({ ...counts }));
  let { until, done } = input;
  for (let isFirst = true; ;) {
    const failed = await listFailedJobs({ tenantId, filter, until, done });
    if (failed.length === 0) return counts;
    for (const { jobId, closedAt } of failed) {
      if (!isFirst) await sleep(60_000 / perMinute);
      isFirst = false;
      const { isRetried } = await retryJob({ tenantId, jobId });
      counts[isRetried ? 'retried' : 'refused'] += 1;
      done = closedAt === until ? [...done, jobId] : [jobId];
      until = closedAt;
    }
    if (workflowInfo().continueAsNewSuggested) {
      await sleep(60_000 / perMinute);
      await continueAsNew<typeof retryFailedIngests>({ ...input, until, done, counts });
    }
  }
}
