import { openQdrantVectorIndex } from '../../retrieval/qdrant/qdrant-vector-index.ts';
import { startQdrant } from '../support/qdrant-edge.ts';
import { DIMENSIONS } from './sample-chunks.ts';
import { describeVectorIndex } from './vector-index-contract.ts';

describeVectorIndex('Qdrant', async () => {
  const server = await startQdrant();
  return {
    open: () => Promise.resolve(openQdrantVectorIndex({ url: server.url, dimensions: DIMENSIONS })),
    tearDown: () => server.stop(),
  };
});
