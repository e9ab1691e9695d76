import { createEncryptedObjectStore } from '../../storage/encryption/encrypted-object-store.ts';
import { createMasterKeys } from '../../storage/encryption/master-keys.ts';
import { createTenantKeys } from '../../storage/encryption/tenant-keys.ts';
import { tenantOfKey } from '../../storage/keys.ts';
import type { ObjectStore } from '../../storage/object-store.ts';

/** As `openObjectStore` puts them together where there is a master key. */
export function encryptedStore(objects: ObjectStore, keys: readonly [Buffer, ...Buffer[]]): ObjectStore {
  return createEncryptedObjectStore({
    objects,
    keys: createTenantKeys({ objects, masterKeys: createMasterKeys(keys) }),
    ownerOf: tenantOfKey,
  });
}
