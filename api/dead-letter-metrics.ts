import { ERROR_KINDS } from '../contracts/errors.ts';
import type { TenantId } from '../contracts/identity.ts';
import type { Metric } from '../contracts/metrics.ts';
import { cacheMetrics } from '../observability/cached-metrics.ts';
import { listDeadLetters, type DeadLetterDeps } from './dead-letters.ts';

/** They are counted by looking at each: often enough for an alert that thinks in hours. */
const MAX_AGE_MS = 5 * 60_000;

/** How many failed ingests wait for somebody to retry, replace or delete them, by kind of error, of all tenants. */
export function createDeadLetterMetrics(deps: DeadLetterDeps, listTenants: () => Promise<Iterable<TenantId>>): () => Promise<Metric[]> {
  return cacheMetrics(async () => {
    const counts = new Map<string, number>(ERROR_KINDS.map((kind) => [kind, 0]));
    for (const tenantId of await listTenants()) {
      for await (const { error } of listDeadLetters(deps, tenantId, {})) counts.set(error.kind, (counts.get(error.kind) ?? 0) + 1);
    }
    const samples = [...counts].map(([kind, value]) => ({ labels: { kind }, value }));
    const help = 'Failed ingests that nobody has retried, replaced or deleted since.';
    return [{ name: 'lectern_dead_letters', help, type: 'gauge', samples }];
  }, MAX_AGE_MS);
}
