import type { Config } from '../contracts/config.ts';
import type { TenantId } from '../contracts/identity.ts';
import { createDiskMetrics } from '../observability/disk-metrics.ts';
import type { DeadLetterDeps } from './dead-letters.ts';
import { createDeadLetterMetrics } from './dead-letter-metrics.ts';
import type { ApiDeps } from './dependencies.ts';
import { createJobMetrics } from './job-metrics.ts';

/** What the API tells of what others did: jobs by state, those that failed, and the room that is left on its disks. */
export function createApiMetrics(
  config: Pick<Config, 'LECTERN_DATA' | 'LECTERN_CACHE'>,
  { listTenants, ...deps }: DeadLetterDeps & { listTenants: () => Promise<Iterable<TenantId>> },
): ApiDeps['metricSources'] {
  return [
    createJobMetrics(deps.client),
    createDeadLetterMetrics(deps, listTenants),
    createDiskMetrics({ data: config.LECTERN_DATA, cache: config.LECTERN_CACHE }),
  ];
}
