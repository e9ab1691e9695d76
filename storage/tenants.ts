import { TenantIdSchema, type TenantId } from '../contracts/identity.ts';
import type { ApiKeyStore } from './api-keys.ts';
import { TENANTS_PREFIX } from './keys.ts';
import type { ObjectStore } from './object-store.ts';

/** Every tenant that has an API key or an object, by id. */
export async function listTenants(objects: ObjectStore, apiKeys: Pick<ApiKeyStore, 'list'>): Promise<TenantId[]> {
  const tenants = new Set((await apiKeys.list()).map(({ tenantId }) => tenantId));
  for await (const name of objects.listFolders(TENANTS_PREFIX)) {
    const tenantId = TenantIdSchema.safeParse(name);
    if (tenantId.success) tenants.add(tenantId.data);
  }
  return [...tenants].sort();
}
