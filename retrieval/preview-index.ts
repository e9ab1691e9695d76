import type { Preview, VectorIndex } from './vector-index.ts';

/** `index` as readers would see it with the generations of `preview` in their places. */
export function previewIndex(index: VectorIndex, preview: Preview): VectorIndex {
  return {
    ...index,
    search: (tenantId, queries, filters) => index.search(tenantId, queries, filters, preview),
    getChunks: (tenantId, chunkIds) => index.getChunks(tenantId, chunkIds, preview),
  };
}
