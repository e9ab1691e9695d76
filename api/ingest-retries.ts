import type { RetryAccepted } from '../contracts/retry.ts';
import { retryIngest, type RetryDeps, type RetryRequest } from './retry-ingest.ts';

/** Second chances for ingests that came to nothing. Errors: `not-found`, `conflict`, `unavailable`. */
export interface IngestRetries {
  retry(request: RetryRequest): Promise<RetryAccepted>;
}

export function createIngestRetries(deps: RetryDeps): IngestRetries {
  return { retry: (request) => retryIngest(deps, request) };
}
