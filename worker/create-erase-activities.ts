import { createEraseActivities, type EraseDeps } from '../activities/erase-tenant.ts';
import type { EraseActivities } from '../contracts/erase-workflow.ts';
import { createApiKeyStore } from '../storage/api-keys.ts';
import { createErasureStore } from '../storage/erasures.ts';
import { tenantKeyKey, tenantPrefix } from '../storage/keys.ts';

/** Erasures over the stores that the stages work on. */
export function wireEraseActivities({ objects, index }: Pick<EraseDeps, 'objects' | 'index'>): EraseActivities {
  const [apiKeys, erasures] = [createApiKeyStore(objects), createErasureStore(objects)];
  return createEraseActivities({ objects, index, apiKeys, erasures, tenantPrefix, tenantKeyKey });
}
