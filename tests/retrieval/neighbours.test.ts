import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { QueryFilters } from '../../contracts/query.ts';
import type { Answerer } from '../../retrieval/answer.ts';
import { withNeighbours } from '../../retrieval/neighbours.ts';
import { createQueryService } from '../../retrieval/query.ts';
import { readPassages, type FoundPassage } from '../../retrieval/read-passages.ts';
import { createSearcher } from '../../retrieval/search.ts';
import { openSqliteVectorIndex } from '../../retrieval/sqlite/sqlite-vector-index.ts';
import type { VectorIndex } from '../../retrieval/vector-index.ts';
import { createBagEmbedder } from './bag-embedder.ts';
import { idsOf, toChunks, toLectureId } from './sample-chunks.ts';

const CHUNKS = 30;
const encoder = createBagEmbedder();
let folder: string;
let index: VectorIndex;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lectern-neighbours-'));
  index = await openSqliteVectorIndex({ path: join(folder, 'index.sqlite') });
  for (const lecture of [1, 2]) {
    const chunks = toChunks(CHUNKS);
    const texts = chunks.map(({ text }) => text);
    const [dense, sparse] = [await encoder.embed(texts), await encoder.encode(texts)];
    const rows = chunks.map((chunk, at) => ({ ...chunk, dense: dense[at]!, sparse: sparse[at]! }));
    const entry = { lectureId: toLectureId(lecture) };
    await index.writeChunks('t', entry, 'g', rows);
    await index.activate('t', entry, 'g', CHUNKS, null);
  }
});
afterAll(async () => {
  await index.close();
  await rm(folder, { recursive: true });
});

const read = (ordinals: number[], lecture = 1): Promise<FoundPassage[]> =>
  readPassages(
    index,
    't',
    ordinals.flatMap((ordinal) => idsOf(lecture, 'g', [ordinal])).map((chunkId, rank) => ({ chunkId, score: 1 / (rank + 1), legs: {} })),
  );
const ordinalsOf = (passages: readonly FoundPassage[]): number[] => passages.map(({ chunk }) => chunk.ordinal);

describe('withNeighbours', () => {
  it('puts what was said before and after beside a passage, and leaves the hits in their order with their scores', async () => {
    const found = await read([10, 4]);
    const widened = await withNeighbours(index, 't', found, 2);
    expect(ordinalsOf(widened)).toEqual([9, 10, 11, 3, 4, 5]);
    expect(widened.filter(({ hit }) => hit.score > 0)).toEqual(found);
  });

  it('takes no passage twice, whoever its neighbours are', async () => {
    expect(ordinalsOf(await withNeighbours(index, 't', await read([6, 8, 7]), 3))).toEqual([5, 6, 8, 9, 7]);
    expect(ordinalsOf(await withNeighbours(index, 't', await read([6, 8]), 2))).toEqual([5, 6, 7, 8, 9]);
  });

  it('widens as many as it is asked to, and stops at both ends of a lecture', async () => {
    expect(ordinalsOf(await withNeighbours(index, 't', await read([20, 10]), 1))).toEqual([19, 20, 21, 10]);
    expect(ordinalsOf(await withNeighbours(index, 't', await read([0, CHUNKS - 1]), 2))).toEqual([0, 1, CHUNKS - 2, CHUNKS - 1]);
    expect(await withNeighbours(index, 't', [], 3)).toEqual([]);
  });

  it('reads nothing of another lecture or tenant', async () => {
    const widened = await withNeighbours(index, 't', await read([5], 2), 1);
    expect(new Set(widened.map(({ chunk }) => chunk.lectureId))).toEqual(new Set([toLectureId(2)]));
    expect(ordinalsOf(await withNeighbours(index, 'other', await read([5]), 1))).toEqual([5]);
  });
});

describe('what an answer reads', () => {
  async function readBy(filters: QueryFilters): Promise<FoundPassage[]> {
    let given: FoundPassage[] = [];
    const answerer: Answerer = {
      answer: (_, found) => {
        given = found.passages;
        return Promise.resolve({ text: '', kind: 'none', model: null, citations: [] });
      },
    };
    const searcher = createSearcher({ index, embedder: encoder, sparseEncoder: encoder });
    const service = createQueryService({ index, searcher, answerer, languageModel: null });
    await service.query('t', { question: 'passage 7 about topic gradients', limit: 5, filters, answer: true });
    return given;
  }

  it('is wider than the hits, in the lectures that are asked for', async () => {
    const given = await readBy({ lectureIds: [toLectureId(1)] });
    expect(given.length).toBeGreaterThan(8);
    expect(new Set(given.map(({ chunk }) => chunk.lectureId))).toEqual(new Set([toLectureId(1)]));
  });

  it('holds no word of another speaker or time where one is asked for', async () => {
    expect(new Set((await readBy({ speakers: ['S2'] })).map(({ chunk }) => chunk.speaker))).toEqual(new Set(['S2']));
    for (const { chunk } of await readBy({ fromSeconds: 50, toSeconds: 60 })) expect(chunk.endSeconds).toBeGreaterThan(50);
  });
});
