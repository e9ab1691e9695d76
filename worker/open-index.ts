import { join } from 'node:path';
import type { Config } from '../contracts/config.ts';
import { openQdrantVectorIndex } from '../retrieval/qdrant/qdrant-vector-index.ts';
import { openSqliteVectorIndex } from '../retrieval/sqlite/sqlite-vector-index.ts';
import type { VectorIndex } from '../retrieval/vector-index.ts';
import { findVectorModel } from './text-encoders.ts';

/** Length of MiniLM's vectors. */
const DIMENSIONS = 384;

/**
 * The index that the configuration names: Qdrant where `QDRANT_URL` is set, else one file below `LECTERN_DATA`. `isWarmed`: searches are
 * about to come.
 */
export async function openIndex(config: Config, { isWarmed }: { isWarmed: boolean }): Promise<VectorIndex> {
  const { QDRANT_URL: url, QDRANT_API_KEY: apiKey } = config;
  const model = await findVectorModel(config);
  if (url === undefined) {
    return openSqliteVectorIndex({ path: join(config.LECTERN_DATA, 'index.sqlite'), isWarmed, vectorModel: model?.name ?? null });
  }
  return openQdrantVectorIndex({
    url,
    dimensions: model?.dimensions ?? DIMENSIONS,
    vectorModel: model?.name ?? null,
    ...(apiKey === undefined ? {} : { apiKey }),
  });
}
