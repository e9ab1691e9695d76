import type { Logger } from 'pino';
import type { TenantId } from '../contracts/identity.ts';
import type { MetricSource } from '../contracts/metrics.ts';
import { createCounter } from '../observability/counter.ts';
import { applyRetention, type RetentionDeps } from './retention.ts';

/** Ages are days: an hour late is early enough. */
const EVERY_MS = 3600 * 1000;

/**
 * Deletes lectures by age, of every tenant, at the start and every hour until `close`. What is to be deleted is read from the
 * lectures each time: a process that was down makes up for it, and several at once do no harm.
 */
export function startRetention(
  deps: RetentionDeps,
  { logger, listTenants }: { logger: Logger; listTenants: () => Promise<Iterable<TenantId>> },
): { metrics: MetricSource; close: () => Promise<void> } {
  const deletedLectures = createCounter({
    name: 'lectern_retention_deleted_lectures_total',
    help: 'Lectures deleted because they were older than their tenant keeps them.',
  });
  deletedLectures.add({}, 0);
  const sweepTenant = async (tenantId: TenantId): Promise<void> => {
    try {
      const { deleted, retentionDays } = await applyRetention(deps, tenantId, { isDryRun: false, nowMs: Date.now() });
      deletedLectures.add({}, deleted);
      if (deleted > 0) logger.info({ tenantId, deleted, retentionDays }, 'deleted lectures that were older than their tenant keeps them');
    } catch (error) {
      // The others are not kept waiting by one tenant; the next hour tries it again.
      logger.warn({ tenantId, err: error }, 'lectures could not be deleted by age');
    }
  };
  const sweep = async (): Promise<void> => {
    for (const tenantId of await listTenants()) await sweepTenant(tenantId);
  };
  const run = (): void => {
    sweep().catch((error: unknown) => logger.warn({ err: error }, 'tenants could not be listed to delete by age'));
  };
  run();
  const timer = setInterval(run, EVERY_MS);
  return { metrics: deletedLectures.metrics, close: async () => clearInterval(timer) };
}
