import { LecternError } from '../contracts/errors.ts';
import type { TenantId } from '../contracts/identity.ts';
import type { Quotas } from '../contracts/tenant-settings.ts';
import type { TenantUsage } from '../contracts/tenants.ts';
import type { LectureStore } from '../storage/lectures.ts';
import type { TenantSettingsStore } from '../storage/tenant-settings.ts';
import { measureUsage } from './tenant-usage.ts';

/** What is kept of a count: fewer uploads than lectures would be read for counting them at each. */
const COUNTED_FOR_MS = 60_000;
/** Multipart around a file: what a declared length may be longer than the recording. */
const ENVELOPE_BYTES = 1 << 20;

/** What a tenant may upload. Errors: `conflict`, which names the quota, what is used of it, and what to do. */
export interface QuotaGuard {
  /** Before the body is read. `declaredBytes`: its length as the client says, 0 where it does not. */
  admit(tenantId: TenantId, declaredBytes: number): Promise<void>;
  /** Makes a lecture of `bytes` with `work` where there is room for it; of requests at once no more than fit. */
  withRoom<T>(tenantId: TenantId, bytes: number, work: () => Promise<T>): Promise<T>;
}

interface Count {
  usage: TenantUsage;
  untilMs: number;
}

/**
 * Quotas are held exactly against the uploads of one API process; several processes may together exceed one by what they accept
 * within a minute. A recording that is there already takes no room.
 */
export function createQuotaGuard(deps: { settings: Pick<TenantSettingsStore, 'get'>; lectures: Pick<LectureStore, 'list'> }): QuotaGuard {
  const counts = new Map<TenantId, Count>();
  /** Lectures that are being made, and in no count yet. */
  const pending = new Map<TenantId, { lectures: number; bytes: number }>();

  async function count(tenantId: TenantId, isFresh: boolean): Promise<TenantUsage> {
    const known = counts.get(tenantId);
    if (!isFresh && known !== undefined && known.untilMs > Date.now()) return known.usage;
    const usage = await measureUsage(deps.lectures, tenantId, Date.now());
    counts.set(tenantId, { usage, untilMs: Date.now() + COUNTED_FOR_MS });
    return usage;
  }

  /** What was counted a while ago may allow, not refuse: something may have been deleted since. */
  async function check(tenantId: TenantId, quotas: Quotas, wanted: { lectures: number; bytes: number }): Promise<void> {
    if (findExceeded(quotas, await count(tenantId, false), pending.get(tenantId), wanted) === undefined) return;
    const exceeded = findExceeded(quotas, await count(tenantId, true), pending.get(tenantId), wanted);
    if (exceeded !== undefined) throw exceeded;
  }

  return {
    async admit(tenantId, declaredBytes) {
      const { quotas } = await deps.settings.get(tenantId);
      if (isUnlimited(quotas)) return;
      // How long recordings are is known only after they came in: a count of before may be hours behind.
      if (quotas.audioMinutesPerMonth !== undefined) counts.delete(tenantId);
      await check(tenantId, quotas, { lectures: 0, bytes: Math.max(0, declaredBytes - ENVELOPE_BYTES) });
    },
    async withRoom(tenantId, bytes, work) {
      const { quotas } = await deps.settings.get(tenantId);
      if (isUnlimited(quotas)) return work();
      await check(tenantId, quotas, { lectures: 1, bytes });
      // In the same turn as the check: the next request sees it.
      const held = pending.get(tenantId) ?? { lectures: 0, bytes: 0 };
      pending.set(tenantId, { lectures: held.lectures + 1, bytes: held.bytes + bytes });
      try {
        const made = await work();
        const { usage } = counts.get(tenantId) ?? {};
        if (usage !== undefined) Object.assign(usage, { lectures: usage.lectures + 1, bytes: usage.bytes + bytes });
        return made;
      } finally {
        const left = pending.get(tenantId);
        if (left !== undefined) pending.set(tenantId, { lectures: left.lectures - 1, bytes: left.bytes - bytes });
      }
    },
  };
}

function isUnlimited({ lectures, bytes, audioMinutesPerMonth }: Quotas): boolean {
  return lectures === undefined && bytes === undefined && audioMinutesPerMonth === undefined;
}

function findExceeded(
  quotas: Quotas,
  usage: TenantUsage,
  pending = { lectures: 0, bytes: 0 },
  wanted: { lectures: number; bytes: number },
): LecternError | undefined {
  const lectures = usage.lectures + pending.lectures;
  const bytes = usage.bytes + pending.bytes;
  if (quotas.lectures !== undefined && lectures + wanted.lectures > quotas.lectures) {
    return usedUp('lectures', `${lectures} of ${quotas.lectures} lectures`);
  }
  if (quotas.bytes !== undefined && bytes + wanted.bytes > quotas.bytes) {
    return usedUp('bytes', `${bytes} of ${quotas.bytes} bytes, and this recording has ${wanted.bytes}`);
  }
  const minutes = quotas.audioMinutesPerMonth;
  if (minutes !== undefined && usage.audioMinutesThisMonth >= minutes) {
    return usedUp('audioMinutesPerMonth', `${Math.floor(usage.audioMinutesThisMonth)} of ${minutes} minutes of audio this month`);
  }
  return undefined;
}

function usedUp(quota: keyof Quotas, used: string): LecternError {
  return new LecternError('conflict', `the tenant’s quota is used up: ${used}`, {
    cure:
      quota === 'audioMinutesPerMonth'
        ? 'Wait for the next month, or have the quota raised (`lectern tenants configure --quota-audio-minutes`).'
        : 'Delete lectures that are no longer needed, or have the quota raised (`lectern tenants configure`).',
    details: { quota },
  });
}
