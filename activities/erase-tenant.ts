import { Context } from '@temporalio/activity';
import type { EraseActivities } from '../contracts/erase-workflow.ts';
import type { TenantId } from '../contracts/identity.ts';
import type { VectorIndex } from '../retrieval/vector-index.ts';
import type { ApiKeyStore } from '../storage/api-keys.ts';
import type { ErasureStore } from '../storage/erasures.ts';
import type { ObjectStore } from '../storage/object-store.ts';
import { toActivity } from './activity.ts';
import { createTenantRuns } from './tenant-runs.ts';

export interface EraseDeps {
  objects: ObjectStore;
  index: Pick<VectorIndex, 'deleteTenant' | 'catalogue' | 'revision'>;
  apiKeys: Pick<ApiKeyStore, 'deleteTenant' | 'list'>;
  erasures: Pick<ErasureStore, 'begin' | 'finish'>;
  /** Prefix of all that is a tenant's own. */
  tenantPrefix: (tenantId: TenantId) => string;
  /** Where the key lies that sealed its objects and payloads, if anything did. */
  tenantKeyKey: (tenantId: TenantId) => string;
}

export function createEraseActivities({ objects, index, apiKeys, erasures, tenantPrefix, tenantKeyKey }: EraseDeps): EraseActivities {
  const runs = () => createTenantRuns(Context.current().client);
  return {
    stopTenantRuns: toActivity(async ({ tenantId }, { signal }) => {
      // Whoever started this has marked the tenant; without the mark new runs would come.
      await erasures.begin(tenantId);
      return runs().stop(tenantId, signal);
    }),
    deleteTenantSchedules: toActivity(({ tenantId }) => runs().deleteSchedules(tenantId)),
    deleteTenantStores: toActivity(async ({ tenantId }) => {
      // Keys first: nobody reads what is half gone.
      const keys = await apiKeys.deleteTenant(tenantId);
      await index.deleteTenant(tenantId);
      const deleted = await objects.deletePrefix(tenantPrefix(tenantId));
      // Copies that lie elsewhere, in backups and in Temporal's free pages, are unreadable without it.
      await objects.delete(tenantKeyKey(tenantId));
      return { apiKeys: keys, objects: deleted };
    }),
    deleteTenantHistories: toActivity(({ tenantId }, { signal }) => runs().deleteHistories(tenantId, signal)),
    scanTenant: toActivity(async ({ tenantId }) => ({
      objects: await countObjects(objects, tenantPrefix(tenantId)),
      encryptionKeys: (await objects.head(tenantKeyKey(tenantId))) === undefined ? 0 : 1,
      apiKeys: (await apiKeys.list(tenantId)).length,
      indexedLectures: await countIndexed(index, tenantId),
      ...(await runs().count(tenantId)),
    })),
    recordErasure: toActivity(async ({ tenantId, removed, scan, rounds }) => erasures.finish(tenantId, { removed, scan, rounds })),
  };
}

async function countObjects(objects: ObjectStore, prefix: string): Promise<number> {
  let count = 0;
  for await (const _ of objects.list(prefix)) count += 1;
  return count;
}

async function countIndexed(index: EraseDeps['index'], tenantId: TenantId): Promise<number> {
  if ((await index.revision(tenantId)) === null) return 0;
  return Math.max(1, (await index.catalogue(tenantId)).length);
}
