import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Config } from '../../contracts/config.ts';
import { createApiKeyStore } from '../../storage/api-keys.ts';
import { openObjectStore } from '../../storage/open-object-store.ts';

/** Tenant of whoever runs the stack on their own machine. */
const FIRST_TENANT = 'local';

/** The API key that the stack made at its first start; `undefined` before. */
export async function readFirstApiKey(dataDir: string): Promise<string | undefined> {
  const text = await readFile(keyFile(dataDir), 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
  return text?.trim();
}

/** The key in `<LECTERN_DATA>/api-key` (readable by its owner only), made where there is none that still opens anything. */
export async function ensureFirstApiKey(config: Config): Promise<string> {
  const objects = await openObjectStore(config);
  try {
    const keys = createApiKeyStore(objects);
    const kept = await readFirstApiKey(config.LECTERN_DATA);
    if (kept !== undefined && (await keys.authenticate(kept)) !== undefined) return kept;
    const { key } = await keys.create(FIRST_TENANT, { name: `made at the start of ${new Date().toISOString()}`, role: 'admin' });
    await writeFile(keyFile(config.LECTERN_DATA), `${key}\n`, { mode: 0o600 });
    return key;
  } finally {
    await objects.close();
  }
}

function keyFile(dataDir: string): string {
  return join(dataDir, 'api-key');
}
