import type { TenantId } from '../contracts/identity.ts';
import type { ObjectStore } from '../storage/object-store.ts';
import type { ApiDeps } from './dependencies.ts';
import { readUploadTime } from './upload-id.ts';

/** Longer than any upload may take: what is older was left behind by a process that was killed. */
const LEFTOVER_MS = 24 * 3600 * 1000;

/** Deletes uploads that no process works on any more; returns how many. */
export async function sweepUploads(
  { objects, keys }: { objects: ObjectStore; keys: Pick<ApiDeps['keys'], 'uploadsPrefix'> },
  tenants: Iterable<TenantId>,
  nowMs: number,
): Promise<number> {
  let swept = 0;
  for (const tenantId of tenants) {
    const prefix = keys.uploadsPrefix(tenantId);
    for await (const { key } of objects.list(prefix)) {
      const startedMs = readUploadTime(key.slice(prefix.length));
      if (startedMs !== undefined && nowMs - startedMs < LEFTOVER_MS) continue;
      await objects.delete(key);
      swept += 1;
    }
  }
  return swept;
}
