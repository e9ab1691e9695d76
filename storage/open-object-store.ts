import { join } from 'node:path';
import type { Config } from '../contracts/config.ts';
import { LecternError } from '../contracts/errors.ts';
import { createEncryptedObjectStore } from './encryption/encrypted-object-store.ts';
import { readMasterKeys } from './encryption/master-keys.ts';
import { checkMasterKey, createTenantKeys } from './encryption/tenant-keys.ts';
import { openFilesystemObjectStore } from './filesystem-object-store.ts';
import { tenantOfKey } from './keys.ts';
import { openMinioObjectStore } from './minio-object-store.ts';
import type { ObjectStore } from './object-store.ts';

type StorageConfig = Pick<
  Config,
  'LECTERN_DATA' | 'MINIO_URL' | 'MINIO_ACCESS_KEY' | 'MINIO_SECRET_KEY' | 'MINIO_BUCKET' | 'LECTERN_MASTER_KEY' | 'LECTERN_MASTER_KEY_FILE'
>;

/**
 * The object store that the configuration names: MinIO where `MINIO_URL` is set, else the folder `store` below `LECTERN_DATA`;
 * tenants' objects encrypted where there is a master key. Errors: `invalid-input` where the store's keys are under another
 * master key than ours, or there is none.
 */
export async function openObjectStore(config: StorageConfig): Promise<ObjectStore> {
  const masterKeys = await readMasterKeys(config);
  const objects = await openStore(config);
  try {
    await checkMasterKey(objects, masterKeys);
  } catch (error) {
    await objects.close();
    throw error;
  }
  if (masterKeys === null) return objects;
  return createEncryptedObjectStore({ objects, keys: createTenantKeys({ objects, masterKeys }), ownerOf: tenantOfKey });
}

async function openStore(config: StorageConfig): Promise<ObjectStore> {
  if (config.MINIO_URL === undefined) return openFilesystemObjectStore(join(config.LECTERN_DATA, 'store'));
  if (config.MINIO_ACCESS_KEY === undefined || config.MINIO_SECRET_KEY === undefined) {
    throw new LecternError('invalid-input', 'MINIO_URL is set, but not MINIO_ACCESS_KEY and MINIO_SECRET_KEY', {
      cure: 'Set MINIO_ACCESS_KEY and MINIO_SECRET_KEY, or unset MINIO_URL to keep objects below LECTERN_DATA.',
    });
  }
  return openMinioObjectStore({
    url: config.MINIO_URL,
    accessKey: config.MINIO_ACCESS_KEY,
    secretKey: config.MINIO_SECRET_KEY,
    bucket: config.MINIO_BUCKET,
  });
}
