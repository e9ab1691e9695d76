import type { MetricSource } from '../contracts/metrics.ts';
import type { ObjectStore } from '../storage/object-store.ts';
import type { VectorIndex } from '../retrieval/vector-index.ts';
import { createHistogram } from './histogram.ts';
import { meterCalls } from './meter-calls.ts';
import { currentStageAccount, type StageAccount } from './stage-account.ts';

/** Upper bounds in seconds: from a file beside us to a store that is about to be given up. */
const BUCKETS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

export interface StoreMetrics {
  meterObjects(objects: ObjectStore): ObjectStore;
  meterIndex(index: VectorIndex): VectorIndex;
  readonly metrics: MetricSource;
}

/** How long the object store and the index take, and how many bytes each stage moves. */
export function createStoreMetrics(): StoreMetrics {
  const objectDurations = createHistogram({
    name: 'lectern_object_store_duration_seconds',
    help: 'Time of calls of the object store; of a stream, until it can be read.',
    buckets: BUCKETS,
  });
  const indexDurations = createHistogram({
    name: 'lectern_index_duration_seconds',
    help: 'Time of calls of the vector index.',
    buckets: BUCKETS,
  });
  return {
    meterObjects: (objects) => meterCalls(accountBytes(objects), objectDurations, ['get', 'stream', 'head', 'delete']),
    meterIndex: (index) => meterCalls(index, indexDurations, ['search', 'getChunks', 'writeChunks', 'activate', 'revision']),
    metrics: () => [...objectDurations.metrics(), ...indexDurations.metrics()],
  };
}

/** Enters what is read and written into the account of the stage that does it. A stream counts as it flows. */
function accountBytes(objects: ObjectStore): ObjectStore {
  const counted: Partial<ObjectStore> = {
    async get(key) {
      const found = await objects.get(key);
      enter(currentStageAccount(), 'readBytes', found.body.length);
      return found;
    },
    async stream(key, range) {
      const account = currentStageAccount();
      const chunks = await objects.stream(key, range);
      return account === undefined ? chunks : counting(chunks, (bytes) => enter(account, 'readBytes', bytes));
    },
    async put(key, body, options) {
      const info = await objects.put(key, body, options);
      enter(currentStageAccount(), 'writtenBytes', info.bytes);
      return info;
    },
  };
  return new Proxy(objects, {
    get(held, name) {
      const value: unknown = Reflect.get(counted, name) ?? Reflect.get(held, name, held);
      return typeof value === 'function' ? (value.bind(held) as unknown) : value;
    },
  });
}

function enter(account: StageAccount | undefined, entry: 'readBytes' | 'writtenBytes', bytes: number): void {
  if (account !== undefined) account[entry] += bytes;
}

async function* counting(chunks: AsyncIterable<Uint8Array>, count: (bytes: number) => void): AsyncGenerator<Uint8Array> {
  for await (const chunk of chunks) {
    count(chunk.length);
    yield chunk;
  }
}
