import { Worker } from 'node:worker_threads';
import { LecternError, type ErrorKind } from '../../contracts/errors.ts';
import type { TranscribedWord } from '../../contracts/transcript.ts';
import type { VectorIndex } from '../vector-index.ts';
import type { ReadChunk } from './index-reader.ts';

/** One call of `VectorIndex`, on its way to the thread that owns the file. */
export interface IndexRequest {
  id: number;
  call: { name: keyof VectorIndex; arguments: readonly unknown[] };
}

export type IndexReply =
  | { id: number; value: unknown }
  | { id: number; error: { kind: ErrorKind; message: string; cure: string | undefined } };

/** What the thread is started with. */
export interface IndexThreadData {
  path: string;
  isWarmed: boolean;
  vectorModel: string | null;
}

interface Pending {
  resolve: (value: never) => void;
  reject: (error: unknown) => void;
}

interface SqliteIndexOptions {
  path: string;
  /** Takes the tenants into memory right away, so that the first question need not wait: a second for 25,000 chunks. Default false. */
  isWarmed?: boolean;
  /** Whose vectors this process writes and searches with: an index of another's refuses both with `conflict`. Default `null`: the default models. */
  vectorModel?: string | null;
}

/**
 * The index as one SQLite file. What searches read of a tenant is taken into memory at its first search: int8 vectors (the best are
 * scored again, exactly), postings of learned sparse terms and of words; about 3 kB a chunk, good to about 200,000 chunks. Several processes may open the same file; each notices what the others
 * activate or delete at its next search. Errors: `unavailable` (damaged, locked), `out-of-resources` (disk full).
 */
export async function openSqliteVectorIndex({ path, isWarmed = false, vectorModel = null }: SqliteIndexOptions): Promise<VectorIndex> {
  const threadData: IndexThreadData = { path, isWarmed, vectorModel };
  const worker = new Worker(new URL('./index-thread.ts', import.meta.url), { workerData: threadData, name: 'lectern-index' });
  // An idle index must not keep a finished program alive; a call under way does.
  worker.unref();
  const pending = new Map<number, Pending>();
  let lastId = 0;
  let ended: LecternError | undefined;

  const wait = <T>(id: number): Promise<T> =>
    new Promise<T>((resolve, reject) => {
      pending.set(id, { resolve, reject });
      worker.ref();
    });
  const end = (error: LecternError): void => {
    ended ??= error;
    for (const waiting of pending.values()) waiting.reject(ended);
    pending.clear();
  };
  const send = <T>(name: keyof VectorIndex, ...values: readonly unknown[]): Promise<T> => {
    if (ended) return Promise.reject(ended);
    const id = ++lastId;
    const reply = wait<T>(id);
    worker.postMessage({ id, call: { name, arguments: values } } satisfies IndexRequest, []);
    return reply;
  };

  worker.on('message', (reply: IndexReply) => {
    const waiting = pending.get(reply.id);
    pending.delete(reply.id);
    if (pending.size === 0) worker.unref();
    if ('error' in reply) waiting?.reject(toError(reply.error));
    else waiting?.resolve(reply.value as never);
  });
  worker.on('error', (error) => end(new LecternError('internal', `index ${path}: ${String(error)}`, { cause: error })));
  worker.on('exit', () => end(new LecternError('unavailable', `index ${path}: its thread has ended`)));
  await wait<undefined>(0);

  return {
    writeChunks: (...values) => send('writeChunks', ...values),
    countChunks: (...values) => send('countChunks', ...values),
    activate: (...values) => send('activate', ...values),
    activeGeneration: (...values) => send('activeGeneration', ...values),
    stage: (...values) => send('stage', ...values),
    moveTogether: (...values) => send('moveTogether', ...values),
    discardGeneration: (...values) => send('discardGeneration', ...values),
    nameSpeaker: (...values) => send('nameSpeaker', ...values),
    deleteLecture: (...values) => send('deleteLecture', ...values),
    deleteTenant: (...values) => send('deleteTenant', ...values),
    catalogue: (...values) => send('catalogue', ...values),
    revision: (...values) => send('revision', ...values),
    search: (...values) => send('search', ...values),
    getChunks: async (...values) => {
      const chunks = await send<ReadChunk[]>('getChunks', ...values);
      return chunks.map((chunk) => ({ ...chunk, words: JSON.parse(chunk.words) as TranscribedWord[] }));
    },
    health: () => send('health'),
    close: async () => {
      if (ended) return;
      const closed = send<undefined>('close');
      ended = new LecternError('unavailable', `index ${path} is closed`);
      await closed;
    },
  };
}

function toError({ kind, message, cure }: { kind: ErrorKind; message: string; cure: string | undefined }): LecternError {
  return new LecternError(kind, message, cure === undefined ? {} : { cure });
}
