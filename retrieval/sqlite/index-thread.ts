import { parentPort, workerData } from 'node:worker_threads';
import { toLecternError } from '../../contracts/errors.ts';
import { IndexDatabase } from './index-database.ts';
import { IndexReader } from './index-reader.ts';
import { IndexWriter } from './index-writer.ts';
import { toIndexError } from './sqlite-errors.ts';
import type { IndexReply, IndexRequest, IndexThreadData } from './sqlite-vector-index.ts';

// The thread that owns the file: node:sqlite is synchronous and would hold up the event loop of an API.

const { path, isWarmed, vectorModel } = workerData as IndexThreadData;
const port = parentPort!;

function attempt(id: number, work: () => unknown): void {
  let reply: IndexReply;
  try {
    reply = { id, value: work() };
  } catch (error) {
    const { kind, message, cure } = toLecternError(toIndexError(error, path));
    reply = { id, error: { kind, message, cure } };
  }
  port.postMessage(reply);
}

/** A file that cannot be read is told to whoever asks first. */
function warm(reader: IndexReader): void {
  try {
    reader.warm();
  } catch {
    return;
  }
}

function serve(db: IndexDatabase): void {
  const reader = new IndexReader(db, vectorModel);
  const writer = new IndexWriter(db, vectorModel);
  port.on('message', ({ id, call }: IndexRequest) => {
    if (call.name === 'close') {
      attempt(id, () => db.close());
      port.close();
      return;
    }
    attempt(id, () => {
      if (call.name === 'health') return db.exec('SELECT value FROM meta');
      const target = call.name in reader ? reader : writer;
      const method = (target as unknown as Record<string, (...values: unknown[]) => unknown>)[call.name]!;
      return method.apply(target, [...call.arguments]);
    });
  });
  if (isWarmed) setImmediate(() => warm(reader));
}

attempt(0, () => serve(new IndexDatabase(path)));
