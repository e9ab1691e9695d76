import type { SparseVector } from '../../contracts/transcript.ts';
import type { Embedder, SparseEncoder } from '../../inference/embedder.ts';
import { LruCache } from './lru-cache.ts';

/** Some thousands of questions: a vector of 384 takes 1.5 kB, a sparse one about as much. */
const MAX_BYTES = 16 * 2 ** 20;

type Encode<Vector> = (texts: readonly string[], signal?: AbortSignal) => Promise<Vector[]>;

/** Encoders of questions that remember what they gave, and how often that spared a run. */
export interface CachedEncoders {
  embedder: Embedder;
  sparseEncoder: SparseEncoder;
  /** Of both together. */
  stats: () => { hits: number; misses: number };
}

/** The models' identities need no place in the keys: each encoder has a cache of its own, which ends with it. */
export function cacheEncoders(embedder: Embedder, sparseEncoder: SparseEncoder): CachedEncoders {
  const dense = new LruCache<Float32Array>(MAX_BYTES);
  const sparse = new LruCache<SparseVector>(MAX_BYTES);
  return {
    embedder: {
      ...embedder,
      embed: remember(
        dense,
        (texts, signal) => embedder.embed(texts, signal),
        (vector) => vector.byteLength,
      ),
    },
    sparseEncoder: {
      ...sparseEncoder,
      encode: remember(
        sparse,
        (texts, signal) => sparseEncoder.encode(texts, signal),
        ({ indices }) => 16 * indices.length,
      ),
    },
    stats: () => ({
      hits: dense.stats.hits + sparse.stats.hits,
      misses: dense.stats.misses + sparse.stats.misses,
    }),
  };
}

/** Sends only what it has not seen; a text that is sent twice at the same time is encoded twice. */
function remember<Vector>(cache: LruCache<Vector>, encode: Encode<Vector>, bytesOf: (vector: Vector) => number): Encode<Vector> {
  return async (texts, signal) => {
    const known = texts.map((text) => cache.get(text));
    const missing = texts.filter((_, at) => known[at] === undefined);
    const encoded = missing.length === 0 ? [] : await encode(missing, signal);
    for (const [at, text] of missing.entries()) cache.set(text, encoded[at]!, bytesOf(encoded[at]!) + 2 * text.length);
    let next = 0;
    return known.map((vector) => vector ?? encoded[next++]!);
  };
}
