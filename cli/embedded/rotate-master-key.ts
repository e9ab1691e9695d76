import type { Config } from '../../contracts/config.ts';
import { LecternError } from '../../contracts/errors.ts';
import { readMasterKeys } from '../../storage/encryption/master-keys.ts';
import { createTenantKeys } from '../../storage/encryption/tenant-keys.ts';
import { openObjectStore } from '../../storage/open-object-store.ts';

export interface MasterKeyRotation {
  /** Of the key that wraps all others now. */
  masterKeyId: string;
  /** Keys that another master key had wrapped. */
  rewrapped: number;
  keys: number;
}

/** Wraps every tenant's key in the configured store by the first master key. May be done again, and beside everything else. */
export async function rotateMasterKey(config: Config): Promise<MasterKeyRotation> {
  const masterKeys = await readMasterKeys(config);
  if (masterKeys === null) {
    throw new LecternError('invalid-input', 'no master key is given', {
      cure: 'Set LECTERN_MASTER_KEY (or the file) to the new key, a comma and the old one.',
    });
  }
  const objects = await openObjectStore(config);
  try {
    return { masterKeyId: masterKeys.id, ...(await createTenantKeys({ objects, masterKeys }).rewrap()) };
  } finally {
    await objects.close();
  }
}
