import { Client, Connection } from '@temporalio/client';
import { createTenantErasure } from '../../api/tenant-erasure.ts';
import { measureUsage } from '../../api/tenant-usage.ts';
import type { Config } from '../../contracts/config.ts';
import type { Erasure } from '../../contracts/erasure.ts';
import type { TenantId } from '../../contracts/identity.ts';
import type { TenantView } from '../../contracts/tenants.ts';
import { createApiKeyStore, type ApiKeyStore } from '../../storage/api-keys.ts';
import { createErasureStore, type ErasureStore } from '../../storage/erasures.ts';
import { createLectureStore } from '../../storage/lectures.ts';
import { openObjectStore } from '../../storage/open-object-store.ts';
import { createTenantSettingsStore, type TenantSettingsStore } from '../../storage/tenant-settings.ts';
import { listTenants } from '../../storage/tenants.ts';
import { openDataConverter } from '../../worker/encryption/data-converter.ts';
import { findRunningStack } from './stack-state.ts';

/** All tenants, for whoever runs the installation: the stores that the configuration names, without a key. */
export interface Tenants {
  apiKeys: ApiKeyStore;
  settings: TenantSettingsStore;
  erasures: ErasureStore;
  list(): Promise<TenantId[]>;
  show(tenantId: TenantId): Promise<TenantView>;
  /** Marks the tenant and starts the workflow. Errors: `unavailable` without Temporal. */
  startErasure(tenantId: TenantId): Promise<Erasure>;
}

export async function withTenants<T>(config: Config, work: (tenants: Tenants) => Promise<T>): Promise<T> {
  const objects = await openObjectStore(config);
  const [apiKeys, settings, erasures] = [createApiKeyStore(objects), createTenantSettingsStore(objects), createErasureStore(objects)];
  try {
    return await work({
      apiKeys,
      settings,
      erasures,
      list: () => listTenants(objects, apiKeys),
      async show(tenantId) {
        const erasure = await erasures.get(tenantId);
        const usage = await measureUsage(createLectureStore(objects), tenantId, Date.now());
        return { tenantId, settings: await settings.get(tenantId), usage, ...(erasure === undefined ? {} : { erasure }) };
      },
      async startErasure(tenantId) {
        const stack = await findRunningStack(config.LECTERN_DATA);
        const address = config.TEMPORAL_ADDRESS ?? stack?.temporalAddress ?? `127.0.0.1:${config.LECTERN_TEMPORAL_PORT}`;
        const connection = Connection.lazy({ address });
        try {
          const dataConverter = await openDataConverter(config, objects);
          const client = new Client({ connection, namespace: config.TEMPORAL_NAMESPACE, ...(dataConverter && { dataConverter }) });
          return await createTenantErasure(client, erasures).start(tenantId);
        } finally {
          await connection.close();
        }
      },
    });
  } finally {
    await objects.close();
  }
}
