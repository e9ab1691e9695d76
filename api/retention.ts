import type { TenantId } from '../contracts/identity.ts';
import type { Retention } from '../contracts/tenants.ts';
import { deleteLecture, type DeleteDeps } from './delete-lecture.ts';
import type { ApiDeps } from './dependencies.ts';

export type RetentionDeps = DeleteDeps & Pick<ApiDeps, 'settings'>;

const DAY_MS = 24 * 3600 * 1000;

/** Deletes the lectures that were uploaded longer ago than the tenant keeps them; a dry run only tells which. */
export async function applyRetention(
  deps: RetentionDeps,
  tenantId: TenantId,
  { isDryRun, nowMs }: { isDryRun: boolean; nowMs: number },
): Promise<Retention> {
  const { retentionDays } = await deps.settings.get(tenantId);
  const retention: Retention = { retentionDays: retentionDays ?? null, expired: [], deleted: 0 };
  if (retentionDays === undefined) return retention;
  for await (const { lectureId, createdAt } of deps.lectures.list(tenantId)) {
    if (Date.parse(createdAt) > nowMs - retentionDays * DAY_MS) continue;
    retention.expired.push({ lectureId, createdAt });
    if (isDryRun) continue;
    await deleteLecture(deps, tenantId, lectureId);
    retention.deleted += 1;
  }
  return retention;
}
