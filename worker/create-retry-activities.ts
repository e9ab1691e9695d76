import { createRetryActivities } from '../activities/retry-failed.ts';
import { listDeadLetters } from '../api/dead-letters.ts';
import { retryIngest } from '../api/retry-ingest.ts';
import type { RetryActivities } from '../contracts/retry-workflow.ts';
import type { LectureStore } from '../storage/lectures.ts';

/** Retries of many, done as the API does one, over the worker's own client: the same server, the same codec. */
export function wireRetryActivities({ lectures }: { lectures: LectureStore }): RetryActivities {
  return createRetryActivities({
    retry: (client, request) => retryIngest({ client, lectures }, request),
    listDeadLetters: (client, tenantId, filter) => listDeadLetters({ client, lectures }, tenantId, filter),
  });
}
