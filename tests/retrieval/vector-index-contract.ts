import * as fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { QueryFilters } from '../../contracts/query.ts';
import type { SparseVector } from '../../contracts/transcript.ts';
import { toChunkId } from '../../retrieval/chunk-id.ts';
import type { CatalogueEntry, IndexedChunk, LegQuery, VectorIndex } from '../../retrieval/vector-index.ts';
import { denseOf, DIMENSIONS, sparseOf, toChunk, toChunks, toLectureId } from './sample-chunks.ts';

export interface IndexStore {
  /** Another handle on the same store, as another process has it. */
  open(): Promise<VectorIndex>;
  tearDown(): Promise<void>;
}

const everything: LegQuery[] = [
  { leg: 'dense', limit: 50, dense: denseOf(1) },
  { leg: 'sparse', limit: 50, sparse: sparseOf(1) },
  { leg: 'bm25', limit: 50, text: 'passage topic' },
];

/** What every `VectorIndex` promises, whatever it stands on. */
export function describeVectorIndex(name: string, setUp: () => Promise<IndexStore>): void {
  describe(`VectorIndex on ${name}`, () => {
    let store: IndexStore;
    let index: VectorIndex;
    /** A second handle: what it sees, another process sees. */
    let other: VectorIndex;
    let tenants = 0;
    const newTenant = (): string => `tenant-${++tenants}`;

    beforeAll(async () => {
      store = await setUp();
      index = await store.open();
      other = await store.open();
    });
    afterAll(async () => {
      await index?.close();
      await other?.close();
      await store?.tearDown();
    });

    const publish = async (
      tenant: string,
      entry: CatalogueEntry,
      generation: string,
      chunks: IndexedChunk[],
      previous: string | null = null,
    ) => {
      await index.writeChunks(tenant, entry, generation, chunks);
      await index.activate(tenant, entry, generation, chunks.length, previous);
    };
    const find = async (tenant: string, filters: QueryFilters = {}, reader = index): Promise<string[][]> =>
      (await reader.search(tenant, everything, filters)).map((hits) => hits.map((hit) => hit.chunkId).sort());
    const idsOf = (lecture: number, generation: string, ordinals: number[]): string[] =>
      ordinals.map((ordinal) => toChunkId(toLectureId(lecture), generation, ordinal)).sort();

    it('is healthy, and empty for a tenant nobody wrote', async () => {
      const tenant = newTenant();
      await index.health();
      expect(await find(tenant)).toEqual([[], [], []]);
      expect(await index.catalogue(tenant)).toEqual([]);
      expect(await index.activeGeneration(tenant, toLectureId(1))).toBeNull();
      expect(await index.countChunks(tenant, toLectureId(1), 'g1')).toBe(0);
      expect(await index.getChunks(tenant, [toChunkId(toLectureId(1), 'g1', 0), 'nonsense'])).toEqual([]);
      await index.deleteLecture(tenant, toLectureId(1));
      await index.discardGeneration(tenant, toLectureId(1), 'g1');
      await index.deleteTenant(tenant);
    });

    it('shows a generation whole once it is active, and not before', async () => {
      const tenant = newTenant();
      const entry = { lectureId: toLectureId(1), title: 'Cells', course: 'bio', semester: 'ws26' };
      await index.writeChunks(tenant, entry, 'g1', toChunks(4));
      expect(await index.countChunks(tenant, entry.lectureId, 'g1')).toBe(4);
      expect(await find(tenant)).toEqual([[], [], []]);
      expect(await index.getChunks(tenant, idsOf(1, 'g1', [0]))).toEqual([]);
      expect(await index.catalogue(tenant)).toEqual([]);

      await index.activate(tenant, entry, 'g1', 4, null);
      const all = idsOf(1, 'g1', [0, 1, 2, 3]);
      expect(await find(tenant)).toEqual([all, all, all]);
      expect(await find(tenant, {}, other)).toEqual([all, all, all]);
      expect(await other.activeGeneration(tenant, entry.lectureId)).toBe('g1');
      expect(await other.catalogue(tenant)).toEqual([{ ...entry, generation: 'g1', chunks: 4 }]);
    });

    it('gives chunks back as they were written, in the order asked for', async () => {
      const tenant = newTenant();
      const entry = { lectureId: toLectureId(1), title: 'Cells' };
      const plain = toChunk(0, { speaker: null, text: 'naïve “quotes” 学', context: 'About cells.' });
      await publish(tenant, entry, 'g:1', [plain, toChunk(1)]);
      const ids = [toChunkId(entry.lectureId, 'g:1', 1), toChunkId(entry.lectureId, 'g:1', 9), toChunkId(entry.lectureId, 'g:1', 0)];
      const stored = await index.getChunks(tenant, ids);
      const expected = [toChunk(1), plain].map(({ dense: _dense, sparse: _sparse, ...rest }) => ({
        ...entry,
        ...rest,
        chunkId: toChunkId(entry.lectureId, 'g:1', rest.ordinal),
      }));
      expect(stored).toEqual(expected);
    });

    it('writes the same chunks twice as once', async () => {
      const tenant = newTenant();
      const entry = { lectureId: toLectureId(1) };
      await index.writeChunks(tenant, entry, 'g1', [toChunk(0, { text: 'obsolete' }), toChunk(1)]);
      await index.writeChunks(tenant, entry, 'g1', toChunks(3));
      await index.activate(tenant, entry, 'g1', 3, null);
      expect(await find(tenant)).toEqual(Array.from({ length: 3 }, () => idsOf(1, 'g1', [0, 1, 2])));
      expect((await index.search(tenant, [{ leg: 'bm25', limit: 5, text: 'obsolete' }], {}))[0]).toEqual([]);
    });

    it('refuses to activate half a generation, and serves the old one meanwhile', async () => {
      const tenant = newTenant();
      const entry = { lectureId: toLectureId(1) };
      await publish(tenant, entry, 'g1', toChunks(3));
      // A writer that died half-way.
      const doomed = await store.open();
      await doomed.writeChunks(tenant, entry, 'g2', toChunks(2));
      await doomed.close();
      await expect(index.activate(tenant, entry, 'g2', 5, 'g1')).rejects.toMatchObject({ kind: 'conflict' });
      expect(await find(tenant)).toEqual(Array.from({ length: 3 }, () => idsOf(1, 'g1', [0, 1, 2])));
      // Its successor writes all of it again and activates.
      await publish(tenant, entry, 'g2', toChunks(5), 'g1');
      expect(await find(tenant, {}, other)).toEqual(Array.from({ length: 3 }, () => idsOf(1, 'g2', [0, 1, 2, 3, 4])));
    });

    it('activates by compare-and-set', async () => {
      const tenant = newTenant();
      const entry = { lectureId: toLectureId(1) };
      await index.writeChunks(tenant, entry, 'g1', toChunks(1));
      await expect(index.activate(tenant, entry, 'g1', 1, 'g0')).rejects.toMatchObject({ kind: 'conflict' });
      await index.activate(tenant, entry, 'g1', 1, null);
      await index.writeChunks(tenant, entry, 'g2', toChunks(2));
      await expect(index.activate(tenant, entry, 'g2', 2, null)).rejects.toMatchObject({ kind: 'conflict' });
      await index.activate(tenant, entry, 'g2', 2, 'g1');
      // A retry of an activation that went through changes nothing; a zombie with the old view fails.
      await index.activate(tenant, entry, 'g2', 2, 'g1');
      await expect(index.activate(tenant, entry, 'g1', 1, null)).rejects.toMatchObject({ kind: 'conflict' });
      expect(await index.activeGeneration(tenant, entry.lectureId)).toBe('g2');
    });

    it('lets one of two racing activations win', async () => {
      const tenant = newTenant();
      const entry = { lectureId: toLectureId(1) };
      await publish(tenant, entry, 'g0', toChunks(1));
      await index.writeChunks(tenant, entry, 'left', toChunks(2));
      await other.writeChunks(tenant, entry, 'right', toChunks(3));
      const outcomes = await Promise.allSettled([
        index.activate(tenant, entry, 'left', 2, 'g0'),
        other.activate(tenant, entry, 'right', 3, 'g0'),
      ]);
      expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
      const winner = outcomes[0].status === 'fulfilled' ? { generation: 'left', chunks: 2 } : { generation: 'right', chunks: 3 };
      expect(await index.catalogue(tenant)).toEqual([{ ...entry, ...winner }]);
    });

    it('drops the other generations of the lecture with an activation', async () => {
      const tenant = newTenant();
      const entry = { lectureId: toLectureId(1) };
      await publish(tenant, entry, 'g1', toChunks(3));
      await index.writeChunks(tenant, entry, 'abandoned', toChunks(2));
      await publish(tenant, entry, 'g2', toChunks(2), 'g1');
      for (const generation of ['g1', 'abandoned']) expect(await index.countChunks(tenant, entry.lectureId, generation)).toBe(0);
      expect(await index.getChunks(tenant, idsOf(1, 'g1', [0]))).toEqual([]);
    });

    it('never shows a reader two generations, or part of one', async () => {
      const tenant = newTenant();
      const entry = { lectureId: toLectureId(1) };
      await publish(tenant, entry, 'g0', toChunks(6));
      let writing = true;
      const seen: string[][] = [];
      const reading = (async () => {
        while (writing) for (const ids of await find(tenant, {}, other)) seen.push(ids);
      })();
      for (let round = 1; round <= 12; round++) await publish(tenant, entry, `g${round}`, toChunks(6), `g${round - 1}`);
      writing = false;
      await reading;
      expect(seen.length).toBeGreaterThan(0);
      for (const ids of seen) {
        expect(ids).toHaveLength(6);
        expect(new Set(ids.map((id) => id.split(':')[1])).size).toBe(1);
      }
    });

    it('guards the active generation against writing and discarding', async () => {
      const tenant = newTenant();
      const entry = { lectureId: toLectureId(1) };
      await publish(tenant, entry, 'g1', toChunks(2));
      await expect(index.writeChunks(tenant, entry, 'g1', toChunks(2))).rejects.toMatchObject({ kind: 'conflict' });
      await expect(index.discardGeneration(tenant, entry.lectureId, 'g1')).rejects.toMatchObject({ kind: 'conflict' });
      await index.writeChunks(tenant, entry, 'g2', toChunks(2));
      await index.discardGeneration(tenant, entry.lectureId, 'g2');
      expect(await index.countChunks(tenant, entry.lectureId, 'g2')).toBe(0);
      expect(await find(tenant)).toEqual(Array.from({ length: 3 }, () => idsOf(1, 'g1', [0, 1])));
    });

    it('activates a lecture without speech', async () => {
      const tenant = newTenant();
      const entry = { lectureId: toLectureId(1), title: 'Silence' };
      await publish(tenant, entry, 'g1', []);
      expect(await index.catalogue(tenant)).toEqual([{ ...entry, generation: 'g1', chunks: 0 }]);
      expect(await find(tenant)).toEqual([[], [], []]);
    });

    it('filters by course, semester, lecture, speaker and time, on every leg', async () => {
      const tenant = newTenant();
      await publish(tenant, { lectureId: toLectureId(1), course: 'bio', semester: 'ws26' }, 'g1', toChunks(4));
      await publish(tenant, { lectureId: toLectureId(2), course: 'math', semester: 'ws26' }, 'g1', toChunks(4));
      await publish(tenant, { lectureId: toLectureId(3) }, 'g1', toChunks(2));
      const expectFound = async (filters: QueryFilters, ids: string[][]): Promise<void> => {
        const sorted = ids.flat().sort();
        expect(await find(tenant, filters)).toEqual([sorted, sorted, sorted]);
      };
      await expectFound({ courses: ['bio'] }, [idsOf(1, 'g1', [0, 1, 2, 3])]);
      await expectFound({ courses: ['bio', 'math'], semesters: ['ws26'], lectureIds: [toLectureId(2)] }, [idsOf(2, 'g1', [0, 1, 2, 3])]);
      await expectFound({ semesters: ['ss27'] }, []);
      await expectFound({ lectureIds: [toLectureId(9)] }, []);
      await expectFound({ speakers: ['Ada'] }, [idsOf(1, 'g1', [1, 3]), idsOf(2, 'g1', [1, 3]), idsOf(3, 'g1', [1])]);
      await expectFound({ speakers: ['S1', 'Ada'], courses: ['math'] }, [idsOf(2, 'g1', [0, 1, 2, 3])]);
      await expectFound({ speakers: ['Eve'] }, []);
      // Chunks last from 10 n to 10 n + 9: ends after 19, starts before 20.
      await expectFound({ fromSeconds: 9, toSeconds: 20, courses: ['bio'] }, [idsOf(1, 'g1', [1])]);
      await expectFound({ fromSeconds: 8.9, toSeconds: 20.1, courses: ['bio'] }, [idsOf(1, 'g1', [0, 1, 2])]);
    });

    it('takes new names and course of a lecture with its activation', async () => {
      const tenant = newTenant();
      await publish(tenant, { lectureId: toLectureId(1), title: 'Old', course: 'bio' }, 'g1', toChunks(1));
      const renamed = { lectureId: toLectureId(1), title: 'New', course: 'chem' };
      await publish(tenant, renamed, 'g2', toChunks(1), 'g1');
      expect(await index.catalogue(tenant)).toEqual([{ ...renamed, generation: 'g2', chunks: 1 }]);
      expect(await find(tenant, { courses: ['bio'] })).toEqual([[], [], []]);
      expect((await index.getChunks(tenant, idsOf(1, 'g2', [0])))[0]).toMatchObject(renamed);
    });

    it('never lets tenants see each other, not even with the other’s ids', async () => {
      const [left, right] = [newTenant(), newTenant()];
      const entry = { lectureId: toLectureId(1), course: 'bio' };
      await publish(left, entry, 'g1', toChunks(2, { text: 'left secret passage topic' }));
      await publish(right, entry, 'g1', toChunks(3, { text: 'right secret passage topic' }));
      expect((await find(left)).map((ids) => ids.length)).toEqual([2, 2, 2]);
      expect((await index.getChunks(left, idsOf(1, 'g1', [0, 1, 2]))).map((chunk) => chunk.text)).toEqual(
        Array.from({ length: 2 }, () => 'left secret passage topic'),
      );
      expect(await index.countChunks(left, entry.lectureId, 'g1')).toBe(2);
      await index.deleteTenant(left);
      expect(await find(left)).toEqual([[], [], []]);
      expect(await index.catalogue(left)).toEqual([]);
      expect((await find(right, {}, other)).map((ids) => ids.length)).toEqual([3, 3, 3]);
      // The name may come back, and finds nothing of its former life.
      await publish(left, { lectureId: toLectureId(2) }, 'g1', toChunks(1));
      expect(await find(left, {}, other)).toEqual(Array.from({ length: 3 }, () => idsOf(2, 'g1', [0])));
    });

    it('deletes a lecture with all its generations, for every reader', async () => {
      const tenant = newTenant();
      await publish(tenant, { lectureId: toLectureId(1) }, 'g1', toChunks(2));
      await publish(tenant, { lectureId: toLectureId(2) }, 'g1', toChunks(2));
      await index.writeChunks(tenant, { lectureId: toLectureId(1) }, 'g2', toChunks(2));
      expect((await find(tenant, {}, other))[0]).toHaveLength(4);
      await index.deleteLecture(tenant, toLectureId(1));
      expect(await find(tenant, {}, other)).toEqual(Array.from({ length: 3 }, () => idsOf(2, 'g1', [0, 1])));
      expect(await index.countChunks(tenant, toLectureId(1), 'g2')).toBe(0);
      expect(await index.activeGeneration(tenant, toLectureId(1))).toBeNull();
      // A zombie that activates what was deleted finds nothing to activate.
      await expect(index.activate(tenant, { lectureId: toLectureId(1) }, 'g2', 2, 'g1')).rejects.toMatchObject({ kind: 'conflict' });
    });

    it('refuses vectors of another embedder', async () => {
      const tenant = newTenant();
      const entry = { lectureId: toLectureId(1) };
      await publish(tenant, entry, 'g1', toChunks(1));
      const odd = toChunk(0, { dense: new Float32Array(DIMENSIONS + 1).fill(0.1) });
      await expect(index.writeChunks(tenant, entry, 'g2', [odd])).rejects.toMatchObject({ kind: 'invalid-input' });
    });

    it('finds words in any inflection, in text and context, and survives any question', async () => {
      const tenant = newTenant();
      await publish(tenant, { lectureId: toLectureId(1) }, 'g1', [
        toChunk(0, { text: 'Enzymes are catalysing the reaction' }),
        toChunk(1, { text: 'It is folded', context: 'On the folding of proteins' }),
        ...Array.from({ length: 8 }, (_, extra) => toChunk(extra + 2, { text: 'Something else entirely' })),
      ]);
      const texts = ['What catalyses reactions?', 'protein', 'über "AND* NOT (x) ENZYME', '', '?!', 'zzz'];
      const found = await index.search(
        tenant,
        texts.map((text): LegQuery => ({ leg: 'bm25', limit: 5, text })),
        {},
      );
      expect(found.map((hits) => hits.map((hit) => hit.chunkId.split(':')[2]))).toEqual([['0'], ['1'], ['0'], [], [], []]);
    });

    it('ranks dense and sparse legs as brute force does', async () => {
      const tenant = newTenant();
      const chunks = toChunks(60);
      for (const lecture of [1, 2, 3]) {
        await publish(
          tenant,
          { lectureId: toLectureId(lecture), course: `c${lecture}` },
          'g1',
          chunks.slice((lecture - 1) * 20, lecture * 20),
        );
      }
      const score = (chunk: IndexedChunk, dense: Float32Array, sparse: SparseVector): [number, number] => [
        chunk.dense.reduce((sum, value, at) => sum + value * dense[at]!, 0),
        chunk.sparse.indices.reduce(
          (sum, term, at) => sum + chunk.sparse.values[at]! * (sparse.values[sparse.indices.indexOf(term)] ?? 0),
          0,
        ),
      ];
      await fc.assert(
        fc.asyncProperty(
          fc.integer({ min: 1, max: 5000 }),
          fc.integer({ min: 1, max: 30 }),
          fc.subarray([1, 2, 3], { minLength: 1 }),
          async (seed, limit, lectures) => {
            const [dense, sparse] = [denseOf(seed), sparseOf(seed)];
            const found = await index.search(
              tenant,
              [
                { leg: 'dense', limit, dense },
                { leg: 'sparse', limit, sparse },
              ],
              { courses: lectures.map((lecture) => `c${lecture}`) },
            );
            const allowed = lectures.flatMap((lecture) => chunks.slice((lecture - 1) * 20, lecture * 20));
            for (const [leg, hits] of found.entries()) {
              const scores = allowed.map((chunk) => score(chunk, dense, sparse)[leg]!).filter((value) => leg === 0 || value > 0);
              const best = scores.sort((a, b) => b - a).slice(0, limit);
              expect(hits.length).toBe(best.length);
              for (const [at, hit] of hits.entries()) {
                expect(hit.score).toBeCloseTo(best[at]!, 4);
                const chunk = chunks[Number(hit.chunkId.split(':')[2])]!;
                expect(score(chunk, dense, sparse)[leg]).toBeCloseTo(hit.score, 4);
              }
            }
          },
        ),
        { numRuns: 40 },
      );
    });
  });
}
