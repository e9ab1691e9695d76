import { QdrantClientResourceExhaustedError, QdrantClientTimeoutError } from '@qdrant/js-client-rest';
import { LecternError } from '../../contracts/errors.ts';

const REACH = 'Check that Qdrant runs and that QDRANT_URL and QDRANT_API_KEY fit it.';

const OTHER_MODEL =
  'Set LECTERN_EMBEDDER to the model that the index was made with, or delete the tenant’s collection and ingest the lectures again.';

/** Status of a response that the client turned into an error. */
export function statusOf(error: unknown): number | undefined {
  return error instanceof Error && 'status' in error && typeof error.status === 'number' ? error.status : undefined;
}

/** What the client threw, as a typed error. Errors of ours pass. */
export function toIndexError(error: unknown, url: string): LecternError {
  if (error instanceof LecternError) return error;
  const status = statusOf(error);
  const said = explain(error);
  if (/vector name/i.test(said)) {
    const message = `the collection in Qdrant at ${url} holds vectors of another model than LECTERN_EMBEDDER makes: ${said}`;
    return new LecternError('conflict', message, { cure: OTHER_MODEL, cause: error });
  }
  if (status === undefined || status >= 500 || status === 429) {
    if (/no space left|out of memory|low disk|disk space/i.test(said)) {
      return new LecternError('out-of-resources', `Qdrant at ${url}: ${said}`, { cure: 'Give Qdrant more disk or memory.', cause: error });
    }
    const busy = status === 429 || error instanceof QdrantClientResourceExhaustedError;
    const late = error instanceof QdrantClientTimeoutError;
    const what = busy ? 'is overloaded' : late ? 'did not answer in time' : 'cannot serve';
    return new LecternError('unavailable', `Qdrant at ${url} ${what}: ${said}`, { cure: REACH, cause: error });
  }
  if (status === 401 || status === 403)
    return new LecternError('unavailable', `Qdrant at ${url} refuses our key: ${said}`, { cure: REACH, cause: error });
  if (/vector dimension/i.test(said))
    return new LecternError('invalid-input', `Qdrant at ${url}: ${said}`, { cure: OTHER_MODEL, cause: error });
  return new LecternError('internal', `Qdrant at ${url} answered ${status}: ${said}`, { cause: error });
}

/** Qdrant explains itself in the body: `{"status": {"error": "..."}}`. */
function explain(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const data = 'data' in error ? (error.data as { status?: { error?: string } } | undefined) : undefined;
  const cause = error.cause instanceof Error ? `${error.message} (${error.cause.message})` : error.message;
  return data?.status?.error ?? cause;
}

/** `undefined` where the collection is not there: a tenant nobody wrote, or one that was deleted. */
export async function unlessGone<T>(work: Promise<T>): Promise<T | undefined> {
  try {
    return await work;
  } catch (error) {
    if (statusOf(error) === 404) return undefined;
    throw error;
  }
}
