import type { Config } from '../../contracts/config.ts';
import { createApiKeyStore, type ApiKeyStore } from '../../storage/api-keys.ts';
import { openObjectStore } from '../../storage/open-object-store.ts';

/** The API keys of the store that the configuration names: whoever can write there may make keys, so no key is needed for it. */
export async function withApiKeys<T>(config: Config, work: (apiKeys: ApiKeyStore) => Promise<T>): Promise<T> {
  const objects = await openObjectStore(config);
  try {
    return await work(createApiKeyStore(objects));
  } finally {
    await objects.close();
  }
}
