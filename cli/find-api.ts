import type { Config } from '../contracts/config.ts';
import { LecternError } from '../contracts/errors.ts';
import { createApiClient, type ApiClient } from './api-client.ts';
import { readFirstApiKey } from './embedded/first-api-key.ts';
import { findRunningStack } from './embedded/stack-state.ts';

/** The API that LECTERN_URL names, else that of the stack on this machine. Errors: `unavailable`, `unauthorized`. */
export async function connectToApi(config: Config, signal: AbortSignal): Promise<ApiClient> {
  const url = config.LECTERN_URL ?? (await findRunningStack(config.LECTERN_DATA))?.apiUrl;
  if (url === undefined) {
    throw new LecternError('unavailable', 'no Lectern runs on this machine', {
      cure: 'Start it with `npm start`, or set LECTERN_URL to where it runs.',
    });
  }
  const apiKey = config.LECTERN_API_KEY ?? (await readFirstApiKey(config.LECTERN_DATA));
  if (apiKey === undefined) {
    throw new LecternError('unauthorized', 'there is no API key', { cure: 'Set LECTERN_API_KEY; `lectern keys create` makes one.' });
  }
  return createApiClient({ url, apiKey, signal });
}
