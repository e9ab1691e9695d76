import { mkdtemp, rm } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Config } from '../../contracts/config.ts';
import type { Embedder, SparseEncoder, TokenEncoder } from '../../inference/embedder.ts';
import { openModelStore, toModelStoreOptions } from '../../inference/models/store.ts';
import { openEmbedder } from '../../inference/text/onnx-embedder.ts';
import { openSparseEncoder } from '../../inference/text/onnx-sparse-encoder.ts';
import { openSqliteVectorIndex } from '../../retrieval/sqlite/sqlite-vector-index.ts';
import type { VectorIndex } from '../../retrieval/vector-index.ts';
import type { Dataset } from './datasets/dataset.ts';
import { withKeptVectors, withKeptWeights } from './embedding-cache.ts';
import { openFts5Baseline } from './fts5-baseline.ts';
import { indexDataset } from './index-dataset.ts';
import { withKeptResults } from './kept-results.ts';
import type { Rank } from './systems.ts';

/** What a system is made of. */
export interface Parts {
  index: VectorIndex;
  embedder: Embedder & TokenEncoder;
  sparseEncoder: SparseEncoder;
  baseline: Rank;
}

export interface OpenParts {
  /** As the API has them, for times: each question is encoded and looked up anew. */
  live: Parts;
  /** The same, remembering what they were asked before, for quality: fusions after the first cost next to nothing. */
  kept: Parts;
  close(): Promise<void>;
}

/** Opens the encoders and a SQLite index in a temporary folder, and indexes the data set. */
export async function openParts(config: Config, dataset: Dataset, note: (line: string) => void): Promise<OpenParts> {
  const closers: (() => Promise<unknown>)[] = [];
  const close = async (): Promise<void> => {
    for (const closeOne of closers.splice(0).toReversed()) await closeOne();
  };
  try {
    const store = await openModelStore({ ...toModelStoreOptions(config), onNotice: note });
    const threads = config.LECTERN_THREADS ?? availableParallelism();
    const embedder = await openEmbedder({
      model: await store.ensure('minilm-l6-int8'),
      tokenizer: await store.ensure('splade-tiny'),
      threads,
    });
    closers.push(() => embedder.close());
    const sparseEncoder = await openSparseEncoder({ model: await store.ensure('splade-tiny'), cacheDir: config.LECTERN_CACHE, threads });
    closers.push(() => sparseEncoder.close());
    const folder = await mkdtemp(join(tmpdir(), 'lectern-retrieval-'));
    closers.push(() => rm(folder, { recursive: true }));
    const index = await openSqliteVectorIndex({ path: join(folder, 'index.db') });
    closers.push(() => index.close());
    const vectors = join(config.LECTERN_CACHE, 'eval', 'vectors');
    const kept = {
      index: withKeptResults(index),
      embedder: await withKeptVectors(embedder, vectors, note),
      sparseEncoder: await withKeptWeights(sparseEncoder, vectors, note),
    };
    await indexDataset(dataset, { ...kept, index });
    const { rank: baseline, close: closeBaseline } = openFts5Baseline(dataset.lectures);
    closers.push(() => Promise.resolve(closeBaseline()));
    return { live: { index, embedder, sparseEncoder, baseline }, kept: { ...kept, baseline }, close };
  } catch (error) {
    await close();
    throw error;
  }
}
