import type { TenantId } from '../contracts/identity.ts';
import { TenantSettingsSchema, type TenantConfigurationChange, type TenantSettings } from '../contracts/tenant-settings.ts';
import { createJsonDocument, type JsonDocument } from './json-document.ts';
import { tenantSettingsKey } from './keys.ts';
import type { ObjectStore } from './object-store.ts';

/** What each tenant has chosen. */
export interface TenantSettingsStore {
  /** Of a tenant that has chosen nothing: the defaults. */
  get(tenantId: TenantId): Promise<TenantSettings>;
  /** By compare-and-set; what `change` does not name stays, what it names `null` goes. */
  update(tenantId: TenantId, change: TenantConfigurationChange): Promise<TenantSettings>;
}

export function createTenantSettingsStore(objects: ObjectStore): TenantSettingsStore {
  const open = (tenantId: TenantId): JsonDocument<TenantSettings> =>
    createJsonDocument(objects, { key: tenantSettingsKey(tenantId), schema: TenantSettingsSchema, absent: TenantSettingsSchema.parse({}) });
  return {
    get: (tenantId) => open(tenantId).read(),
    update: (tenantId, { quotas, ...change }) =>
      open(tenantId).update((settings) =>
        TenantSettingsSchema.parse({ ...withChanges(settings, change), quotas: withChanges(settings.quotas, quotas ?? {}) }),
      ),
  };
}

function withChanges(before: object, change: object): object {
  const changed = Object.entries(change).filter(([, value]) => value !== undefined);
  return Object.fromEntries(Object.entries({ ...before, ...Object.fromEntries(changed) }).filter(([, value]) => value !== null));
}
