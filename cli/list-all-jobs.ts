import type { JobSummary } from '../contracts/api.ts';
import type { ApiClient } from './api-client.ts';

/** The largest page that the API gives. */
const PAGE = 200;

/** Every job of the tenant, page after page. */
export async function* listAllJobs(api: Pick<ApiClient, 'listJobs'>): AsyncGenerator<JobSummary> {
  let cursor: string | undefined;
  do {
    const page = await api.listJobs({ limit: PAGE, cursor });
    yield* page.jobs;
    cursor = page.nextCursor ?? undefined;
  } while (cursor !== undefined);
}
