import type { TenantId } from '../contracts/identity.ts';
import { TenantSettingsSchema, type TenantSettings, type TenantSettingsChange } from '../contracts/tenant-settings.ts';
import { createJsonDocument, type JsonDocument } from './json-document.ts';
import { tenantSettingsKey } from './keys.ts';
import type { ObjectStore } from './object-store.ts';

/** What each tenant has chosen. */
export interface TenantSettingsStore {
  /** Of a tenant that has chosen nothing: the defaults. */
  get(tenantId: TenantId): Promise<TenantSettings>;
  /** By compare-and-set; what `change` does not name stays. */
  update(tenantId: TenantId, change: TenantSettingsChange): Promise<TenantSettings>;
}

export function createTenantSettingsStore(objects: ObjectStore): TenantSettingsStore {
  const open = (tenantId: TenantId): JsonDocument<TenantSettings> =>
    createJsonDocument(objects, { key: tenantSettingsKey(tenantId), schema: TenantSettingsSchema, absent: TenantSettingsSchema.parse({}) });
  return {
    get: (tenantId) => open(tenantId).read(),
    update: (tenantId, change) => open(tenantId).update((settings) => ({ ...settings, ...withoutUndefined(change) })),
  };
}

function withoutUndefined(change: TenantSettingsChange): Partial<TenantSettings> {
  return Object.fromEntries(Object.entries(change).filter(([, value]) => value !== undefined));
}
