import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import type { QueryFilters } from '../../contracts/query.ts';
import type { SparseVector } from '../../contracts/transcript.ts';
import { toChunkId } from '../../retrieval/chunk-id.ts';
import type { IndexedChunk, LegQuery } from '../../retrieval/vector-index.ts';
import type { IndexUnderTest } from './index-under-test.ts';
import { denseOf, DIMENSIONS, idsOf, sparseOf, toChunk, toChunks, toLectureId } from './sample-chunks.ts';

/** What is found: legs, filters, tenants, contents. */
export function testSearch(held: IndexUnderTest): void {
  it('gives chunks back as they were written, in the order asked for', async () => {
    const tenant = held.newTenant();
    const entry = { lectureId: toLectureId(1), title: 'Cells' };
    const plain = toChunk(0, { speaker: null, text: 'naïve “quotes” 学', context: 'About cells.' });
    await held.publish(tenant, entry, 'g:1', [plain, toChunk(1)]);
    const ids = [toChunkId(entry.lectureId, 'g:1', 1), toChunkId(entry.lectureId, 'g:1', 9), toChunkId(entry.lectureId, 'g:1', 0)];
    const stored = await held.index.getChunks(tenant, ids);
    const expected = [toChunk(1), plain].map(({ dense: _dense, sparse: _sparse, ...rest }) => ({
      ...entry,
      ...rest,
      chunkId: toChunkId(entry.lectureId, 'g:1', rest.ordinal),
    }));
    expect(stored).toEqual(expected);
  });

  it('filters by course, semester, lecture, speaker and time, on every leg', async () => {
    const tenant = held.newTenant();
    await held.publish(tenant, { lectureId: toLectureId(1), course: 'bio', semester: 'ws26' }, 'g1', toChunks(4));
    await held.publish(tenant, { lectureId: toLectureId(2), course: 'math', semester: 'ws26' }, 'g1', toChunks(4));
    await held.publish(tenant, { lectureId: toLectureId(3) }, 'g1', toChunks(2));
    const expectFound = async (filters: QueryFilters, ids: string[][]): Promise<void> => {
      const sorted = ids.flat().sort();
      expect(await held.find(tenant, filters)).toEqual([sorted, sorted, sorted]);
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

  it('filters by the part that the speaker has, on every leg, and shows it', async () => {
    const tenant = held.newTenant();
    const parts = (['lecturer', 'questioner', undefined, 'lecturer'] as const).map((role, ordinal) =>
      toChunk(ordinal, role === undefined ? {} : { role }),
    );
    await held.publish(tenant, { lectureId: toLectureId(1) }, 'g1', parts);
    const expectFound = async (filters: QueryFilters, ordinals: number[]): Promise<void> => {
      const ids = idsOf(1, 'g1', ordinals);
      expect(await held.find(tenant, filters)).toEqual([ids, ids, ids]);
    };
    await expectFound({ roles: ['lecturer'] }, [0, 3]);
    await expectFound({ roles: ['lecturer', 'questioner'], fromSeconds: 9 }, [1, 3]);
    await expectFound({ roles: ['speaker'] }, []);
    const stored = await held.index.getChunks(tenant, idsOf(1, 'g1', [0, 1, 2]));
    expect(stored.map(({ role }) => role)).toEqual(['lecturer', 'questioner', undefined]);
  });

  it('finds only passages that hold a phrase word for word, whatever its case, accents and punctuation, on every leg', async () => {
    const tenant = held.newTenant();
    const texts = [
      'passage topic: So, Gradient descent! It converges.',
      'passage topic: descent of the gradient',
      'passage topic: gradients descents',
      'passage topic: naïve gradient, descent; and don’t ask',
      'passage topic: a gradient descending',
    ];
    const chunks = texts.map((text, ordinal) => toChunk(ordinal, { text, context: 'On steepest gradient descent.' }));
    await held.publish(tenant, { lectureId: toLectureId(1), course: 'ml' }, 'g1', chunks);
    await held.publish(tenant, { lectureId: toLectureId(2) }, 'g1', [toChunk(0, { text: 'passage topic gradient descent' })]);
    const expectFound = async (filters: QueryFilters, ids: string[][]): Promise<void> => {
      const sorted = ids.flat().sort();
      expect(await held.find(tenant, filters)).toEqual([sorted, sorted, sorted]);
    };
    await expectFound({ phrases: ['Gradient  DESCENT.'] }, [idsOf(1, 'g1', [0, 3]), idsOf(2, 'g1', [0])]);
    await expectFound({ phrases: ['gradient descent'], courses: ['ml'] }, [idsOf(1, 'g1', [0, 3])]);
    await expectFound({ phrases: ['gradient descent', "Don't"] }, [idsOf(1, 'g1', [3])]);
    await expectFound({ phrases: ['NAIVE'] }, [idsOf(1, 'g1', [3])]);
    await expectFound({ phrases: ['of the'] }, [idsOf(1, 'g1', [1])]);
    await expectFound({ phrases: ['steepest gradient'] }, []);
    await expectFound({ phrases: ['?!'] }, [idsOf(1, 'g1', [0, 1, 2, 3, 4]), idsOf(2, 'g1', [0])]);
  });

  it('finds and shows a speaker by a new name at once, in that lecture and tenant only, and takes the name away', async () => {
    const [tenant, stranger] = [held.newTenant(), held.newTenant()];
    for (const owner of [tenant, stranger]) await held.publish(owner, { lectureId: toLectureId(1) }, 'g1', toChunks(4));
    await held.publish(tenant, { lectureId: toLectureId(2) }, 'g1', toChunks(4));
    await held.index.nameSpeaker(tenant, toLectureId(1), 'S1', "Eve '; --");
    const named = idsOf(1, 'g1', [0, 2]);
    expect(await held.find(tenant, { speakers: ["Eve '; --"] }, held.other)).toEqual([named, named, named]);
    expect(await held.find(stranger, { speakers: ["Eve '; --"] })).toEqual([[], [], []]);
    const names = async (ordinals: number[]) =>
      (await held.other.getChunks(tenant, idsOf(1, 'g1', ordinals))).map((chunk) => chunk.speakerName);
    expect(await names([0])).toEqual(["Eve '; --"]);
    expect(await names([1])).toEqual(['Ada']);
    await held.index.nameSpeaker(tenant, toLectureId(1), 'S1', null);
    expect(await held.find(tenant, { speakers: ["Eve '; --"] })).toEqual([[], [], []]);
    expect(await names([0])).toEqual([undefined]);
    // Of a lecture or a tenant that nobody wrote there is nothing to name.
    await held.index.nameSpeaker(tenant, toLectureId(9), 'S1', 'Eve');
    await held.index.nameSpeaker(held.newTenant(), toLectureId(1), 'S1', 'Eve');
  });

  it('has another revision after every change that readers see, and only then', async () => {
    const [tenant, stranger] = [held.newTenant(), held.newTenant()];
    const seen = new Set<string | null>([await held.index.revision(tenant)]);
    const expectChange = async (isChange: boolean): Promise<void> => {
      const revision = await held.other.revision(tenant);
      expect(seen.has(revision)).toBe(!isChange);
      seen.add(revision);
    };
    await held.publish(tenant, { lectureId: toLectureId(1) }, 'g1', toChunks(2));
    await expectChange(true);
    await held.publish(stranger, { lectureId: toLectureId(1) }, 'g1', toChunks(1));
    await held.index.writeChunks(tenant, { lectureId: toLectureId(1) }, 'g2', toChunks(3));
    await held.find(tenant);
    await expectChange(false);
    await held.index.activate(tenant, { lectureId: toLectureId(1) }, 'g2', 3, 'g1');
    await expectChange(true);
    await held.index.nameSpeaker(tenant, toLectureId(1), 'S1', 'Eve');
    await expectChange(true);
    await held.index.deleteLecture(tenant, toLectureId(1));
    await expectChange(true);
    await held.index.deleteTenant(tenant);
    await held.publish(tenant, { lectureId: toLectureId(1) }, 'g1', toChunks(2));
    await expectChange(true);
  });

  it('takes new names and course of a lecture with its activation', async () => {
    const tenant = held.newTenant();
    await held.publish(tenant, { lectureId: toLectureId(1), title: 'Old', course: 'bio' }, 'g1', toChunks(1));
    const renamed = { lectureId: toLectureId(1), title: 'New', course: 'chem' };
    await held.publish(tenant, renamed, 'g2', toChunks(1), 'g1');
    expect(await held.index.catalogue(tenant)).toEqual([{ ...renamed, generation: 'g2', chunks: 1 }]);
    expect(await held.find(tenant, { courses: ['bio'] })).toEqual([[], [], []]);
    expect((await held.index.getChunks(tenant, idsOf(1, 'g2', [0])))[0]).toMatchObject(renamed);
  });

  it('never lets tenants see each other, not even with the other’s ids', async () => {
    const [left, right] = [held.newTenant(), held.newTenant()];
    const entry = { lectureId: toLectureId(1), course: 'bio' };
    await held.publish(left, entry, 'g1', toChunks(2, { text: 'left secret passage topic' }));
    await held.publish(right, entry, 'g1', toChunks(3, { text: 'right secret passage topic' }));
    expect((await held.find(left)).map((ids) => ids.length)).toEqual([2, 2, 2]);
    expect((await held.index.getChunks(left, idsOf(1, 'g1', [0, 1, 2]))).map((chunk) => chunk.text)).toEqual(
      Array.from({ length: 2 }, () => 'left secret passage topic'),
    );
    expect(await held.index.countChunks(left, entry.lectureId, 'g1')).toBe(2);
    await held.index.deleteTenant(left);
    expect(await held.find(left)).toEqual([[], [], []]);
    expect(await held.index.catalogue(left)).toEqual([]);
    expect((await held.find(right, {}, held.other)).map((ids) => ids.length)).toEqual([3, 3, 3]);
    // The name may come back, and finds nothing of its former life.
    await held.publish(left, { lectureId: toLectureId(2) }, 'g1', toChunks(1));
    expect(await held.find(left, {}, held.other)).toEqual(Array.from({ length: 3 }, () => idsOf(2, 'g1', [0])));
  });

  it('refuses vectors of another embedder', async () => {
    const tenant = held.newTenant();
    const entry = { lectureId: toLectureId(1) };
    await held.publish(tenant, entry, 'g1', toChunks(1));
    const odd = toChunk(0, { dense: new Float32Array(DIMENSIONS + 1).fill(0.1) });
    await expect(held.index.writeChunks(tenant, entry, 'g2', [odd])).rejects.toMatchObject({ kind: 'invalid-input' });
  });

  it('finds words in any inflection, in text and context, and survives any question', async () => {
    const tenant = held.newTenant();
    await held.publish(tenant, { lectureId: toLectureId(1) }, 'g1', [
      toChunk(0, { text: 'Enzymes are catalysing the reaction' }),
      toChunk(1, { text: 'It is folded', context: 'On the folding of proteins' }),
      ...Array.from({ length: 8 }, (_, extra) => toChunk(extra + 2, { text: 'Something else entirely' })),
    ]);
    const texts = ['What catalyses reactions?', 'protein', 'über "AND* NOT (x) ENZYME', '', '?!', 'zzz'];
    const found = await held.index.search(
      tenant,
      texts.map((text): LegQuery => ({ leg: 'bm25', limit: 5, text })),
      {},
    );
    expect(found.map((hits) => hits.map((hit) => hit.chunkId.split(':')[2]))).toEqual([['0'], ['1'], ['0'], [], [], []]);
  });

  it('ranks dense and sparse legs as brute force does', async () => {
    const tenant = held.newTenant();
    const chunks = toChunks(60);
    for (const lecture of [1, 2, 3]) {
      await held.publish(
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
          const found = await held.index.search(
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
}
