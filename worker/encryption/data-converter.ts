import { fileURLToPath } from 'node:url';
import type { DataConverter } from '@temporalio/common';
import type { Config } from '../../contracts/config.ts';
import { readMasterKeys } from '../../storage/encryption/master-keys.ts';
import { createTenantKeys } from '../../storage/encryption/tenant-keys.ts';
import type { ObjectStore } from '../../storage/object-store.ts';
import { createPayloadCodec } from './payload-codec.ts';

export const FAILURE_CONVERTER_PATH = fileURLToPath(new URL('failure-converter.ts', import.meta.url));

/**
 * How every client, worker and replay of this installation must speak with Temporal; `undefined`, Temporal's own way, where
 * encryption is off. The tenants' keys are read from `objects`, which is not closed by anybody here.
 */
export async function openDataConverter(
  config: Pick<Config, 'LECTERN_MASTER_KEY' | 'LECTERN_MASTER_KEY_FILE'>,
  objects: ObjectStore,
): Promise<DataConverter | undefined> {
  const masterKeys = await readMasterKeys(config);
  if (masterKeys === null) return undefined;
  const codec = createPayloadCodec({ masterKeys, tenantKeys: createTenantKeys({ objects, masterKeys }) });
  return { payloadCodecs: [codec], failureConverterPath: FAILURE_CONVERTER_PATH };
}
