import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openSqliteVectorIndex } from '../../retrieval/sqlite/sqlite-vector-index.ts';
import { denseOf, sparseOf, toChunks, toLectureId } from './sample-chunks.ts';
import { describeVectorIndex } from './vector-index-contract.ts';

describeVectorIndex('SQLite', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'lectern-index-'));
  return {
    open: () => openSqliteVectorIndex({ path: join(folder, 'data', 'index.db') }),
    tearDown: () => rm(folder, { recursive: true }),
  };
});

describe('a SQLite index of one model', () => {
  const lecture = { lectureId: toLectureId(1) };
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'lectern-index-'));
  });
  afterAll(() => rm(folder, { recursive: true }));

  /** The index of `makers`, opened for vectors of `vectorModel`. */
  async function open(makers: string | null, vectorModel: string | null) {
    const path = join(folder, `${makers ?? 'default'}.sqlite`);
    const made = await openSqliteVectorIndex({ path, vectorModel: makers });
    if ((await made.activeGeneration('t', lecture.lectureId)) === null) {
      await made.writeChunks('t', lecture, 'g1', toChunks(3));
      await made.activate('t', lecture, 'g1', 3, null);
    }
    await made.close();
    return openSqliteVectorIndex({ path, vectorModel });
  }

  it.each<[string | null, string | null]>([
    ['bge-m3@1', 'bge-m3@2'],
    ['bge-m3@1', null],
    [null, 'bge-m3@1'],
  ])('of %s refuses questions and writes of %s, though the vectors have one length', async (makers, other) => {
    const index = await open(makers, other);
    const refusal = {
      kind: 'conflict',
      message: expect.stringContaining(`holds vectors of ${makers ?? 'the default models'}`) as string,
      cure: expect.stringContaining('ingest the lectures again') as string,
    };
    for (const query of [
      { leg: 'dense', dense: denseOf(1) },
      { leg: 'sparse', sparse: sparseOf(1) },
    ] as const) {
      await expect(index.search('t', [{ ...query, limit: 3 }], {})).rejects.toMatchObject(refusal);
    }
    await expect(index.writeChunks('t', lecture, 'g2', toChunks(1))).rejects.toMatchObject(refusal);
    expect(await index.catalogue('t')).toHaveLength(1);
    await index.close();
  });

  it.each(['bge-m3@1', null])('serves %s on', async (model) => {
    const index = await open(model, model);
    expect((await index.search('t', [{ leg: 'dense', dense: denseOf(1), limit: 3 }], {}))[0]).toHaveLength(3);
    await index.writeChunks('t', lecture, 'g2', toChunks(1));
    await index.close();
  });
});
