import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openQdrantVectorIndex } from '../../retrieval/qdrant/qdrant-vector-index.ts';
import { startQdrant, type QdrantServer } from '../support/qdrant-edge.ts';
import { denseOf, DIMENSIONS, sparseOf, toChunks, toLectureId } from './sample-chunks.ts';
import { describeVectorIndex } from './vector-index-contract.ts';

describeVectorIndex('Qdrant', async () => {
  const server = await startQdrant();
  return {
    open: () => Promise.resolve(openQdrantVectorIndex({ url: server.url, dimensions: DIMENSIONS })),
    tearDown: () => server.stop(),
  };
});

describe('a Qdrant collection of one model', () => {
  const lecture = { lectureId: toLectureId(1) };
  let server: QdrantServer;
  beforeAll(async () => {
    server = await startQdrant();
  });
  afterAll(() => server.stop());

  const open = (vectorModel: string | null) => openQdrantVectorIndex({ url: server.url, dimensions: DIMENSIONS, vectorModel });

  it.each<[string, string | null, string | null]>([
    ['two-bges', 'bge-m3@1', 'bge-m3@2'],
    ['bge-first', 'bge-m3@1', null],
    ['default-first', null, 'bge-m3@1'],
  ])('%s: refuses questions and writes of another, though the vectors have one length', async (tenant, makers, other) => {
    const made = open(makers);
    await made.writeChunks(tenant, lecture, 'g1', toChunks(3));
    await made.activate(tenant, lecture, 'g1', 3, null);
    expect((await made.search(tenant, [{ leg: 'dense', dense: denseOf(1), limit: 3 }], {}))[0]).toHaveLength(3);
    expect((await made.search(tenant, [{ leg: 'sparse', sparse: sparseOf(1), limit: 3 }], {}))[0]).not.toHaveLength(0);
    const refusal = { kind: 'conflict', cure: expect.stringContaining('ingest the lectures again') as string };
    const index = open(other);
    for (const query of [
      { leg: 'dense', dense: denseOf(1) },
      { leg: 'sparse', sparse: sparseOf(1) },
    ] as const) {
      await expect(index.search(tenant, [{ ...query, limit: 3 }], {})).rejects.toMatchObject(refusal);
    }
    await expect(index.writeChunks(tenant, lecture, 'g2', toChunks(1))).rejects.toMatchObject(refusal);
    expect(await index.catalogue(tenant)).toHaveLength(1);
  });
});
