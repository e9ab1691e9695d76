import type { BulkRetry, BulkRetryView, DeadLetter, DeadLetterFilter, DeadLetterPage } from '../contracts/dead-letters.ts';
import type { TenantId } from '../contracts/identity.ts';
import type { RetryAccepted } from '../contracts/retry.ts';
import { readBulkRetry, startBulkRetry, stopBulkRetry } from './bulk-retry.ts';
import { toDeadLetterPage } from './dead-letter-page.ts';
import { listDeadLetters } from './dead-letters.ts';
import { retryIngest, type RetryDeps, type RetryRequest } from './retry-ingest.ts';
import { createTemporalCall } from './temporal-call.ts';

/** Second chances for ingests that came to nothing. Errors: `not-found`, `conflict`, `invalid-input`, `unavailable`. */
export interface IngestRetries {
  retry(request: RetryRequest): Promise<RetryAccepted>;
  /** The last ended first, with the counts of all that match. */
  listFailed(tenantId: TenantId, filter: DeadLetterFilter, page: { limit: number; cursor?: string | undefined }): Promise<DeadLetterPage>;
  startBulk(tenantId: TenantId, bulk: BulkRetry): Promise<BulkRetryView>;
  readBulk(tenantId: TenantId, retryId: string): Promise<BulkRetryView>;
  stopBulk(tenantId: TenantId, retryId: string): Promise<BulkRetryView>;
}

/** Thousands of failed runs and their lectures are read in seconds. */
const LIST_MS = 30_000;

export function createIngestRetries(deps: RetryDeps): IngestRetries {
  const { client } = deps;
  const call = createTemporalCall(client, LIST_MS);
  return {
    retry: (request) => retryIngest(deps, request),
    listFailed: (tenantId, filter, page) =>
      call(async () => {
        const letters: DeadLetter[] = [];
        for await (const letter of listDeadLetters(deps, tenantId, filter)) letters.push(letter);
        return toDeadLetterPage(letters, page);
      }),
    startBulk: (tenantId, bulk) => startBulkRetry(client, tenantId, bulk),
    readBulk: (tenantId, retryId) => readBulkRetry(client, tenantId, retryId),
    stopBulk: (tenantId, retryId) => stopBulkRetry(client, tenantId, retryId),
  };
}
