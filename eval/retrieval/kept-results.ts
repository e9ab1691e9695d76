import { createHash } from 'node:crypto';
import type { QueryFilters } from '../../contracts/query.ts';
import type { LegHit, LegQuery, StoredChunk, VectorIndex } from '../../retrieval/vector-index.ts';

/** An index that does not change, remembering what each leg found and each chunk it read. */
export function withKeptResults(index: VectorIndex): VectorIndex {
  const found = new Map<string, LegHit[]>();
  const chunks = new Map<string, StoredChunk>();
  return {
    ...index,
    async search(tenantId, queries, filters) {
      const keys = queries.map((query) => toKey(tenantId, query, filters));
      const missing = queries.filter((_, position) => !found.has(keys[position]!));
      const hits = missing.length === 0 ? [] : await index.search(tenantId, missing, filters);
      for (const [position, query] of missing.entries()) found.set(toKey(tenantId, query, filters), hits[position]!);
      return keys.map((key) => found.get(key)!);
    },
    async getChunks(tenantId, chunkIds) {
      const missing = chunkIds.filter((chunkId) => !chunks.has(chunkId));
      for (const chunk of missing.length === 0 ? [] : await index.getChunks(tenantId, missing)) chunks.set(chunk.chunkId, chunk);
      return chunkIds.flatMap((chunkId) => chunks.get(chunkId) ?? []);
    },
  };
}

function toKey(tenantId: string, { dense, ...query }: LegQuery, filters: QueryFilters): string {
  const hash = createHash('sha256').update(JSON.stringify([tenantId, query, filters]));
  if (dense !== undefined) hash.update(new Uint8Array(dense.buffer, dense.byteOffset, dense.byteLength));
  return hash.digest('base64');
}
