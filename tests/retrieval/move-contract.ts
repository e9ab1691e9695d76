import { expect, it } from 'vitest';
import type { GenerationMove } from '../../retrieval/vector-index.ts';
import type { IndexUnderTest } from './index-under-test.ts';
import { idsOf, toChunks, toLectureId } from './sample-chunks.ts';

const SEMESTER = { semester: 'ws26' };

/** Lectures that change together: staged generations, one step there and one step back. */
export function testMoves(held: IndexUnderTest): void {
  const move = (lecture: number, from = 'g1', to = 'g2'): GenerationMove => ({ lectureId: toLectureId(lecture), from, to });
  const three = (generation: string, lectures: number[]) => {
    const ids = lectures.flatMap((lecture) => idsOf(lecture, generation, [0, 1, 2])).sort();
    return [ids, ids, ids];
  };

  /** Lectures 1 to `count` at g1, each with a g2 of as many chunks that is staged. */
  async function stageSemester(count: number): Promise<string> {
    const tenant = held.newTenant();
    for (let number = 1; number <= count; number++) {
      const entry = { lectureId: toLectureId(number), ...SEMESTER };
      await held.publish(tenant, entry, 'g1', toChunks(3));
      await held.index.writeChunks(tenant, entry, 'g2', toChunks(3, { text: 'another passage topic' }));
      await held.index.stage(tenant, entry.lectureId, 'g2', 3);
    }
    return tenant;
  }
  const generationsOf = async (tenant: string) => (await held.other.catalogue(tenant)).map(({ generation }) => generation);

  it('shows what is staged to a preview only', async () => {
    const tenant = await stageSemester(2);
    const preview = { [toLectureId(1)]: 'g2', [toLectureId(7)]: 'g2' };
    expect(await held.find(tenant)).toEqual(three('g1', [1, 2]));
    const query = { leg: 'bm25' as const, limit: 50, text: 'another passage topic' };
    const filters = { semesters: ['ws26'], speakers: ['S1', 'S2'] };
    const [hits] = await held.index.search(tenant, [query], filters, preview);
    const ids = [...idsOf(1, 'g2', [0, 1, 2]), ...idsOf(2, 'g1', [0, 1, 2])];
    expect(hits!.map(({ chunkId }) => chunkId).sort()).toEqual(ids.sort());
    const texts = (await held.index.getChunks(tenant, ids, preview)).map(({ text, semester }) => [text, semester]);
    expect(texts).toContainEqual(['another passage topic', 'ws26']);
    expect(texts).toHaveLength(6);
    expect(await held.index.getChunks(tenant, idsOf(1, 'g2', [0]))).toEqual([]);
    expect(await held.find(tenant)).toEqual(three('g1', [1, 2]));
  });

  it('moves lectures together, and back', async () => {
    const tenant = await stageSemester(3);
    const moves = [move(1), move(2)];
    const revision = await held.other.revision(tenant);
    expect(await held.index.moveTogether(tenant, moves)).toEqual([toLectureId(1), toLectureId(2)]);
    expect(await held.other.revision(tenant)).not.toBe(revision);
    expect(await generationsOf(tenant)).toEqual(['g2', 'g2', 'g1']);
    expect(await held.other.catalogue(tenant)).toContainEqual({ lectureId: toLectureId(1), ...SEMESTER, generation: 'g2', chunks: 3 });
    expect((await held.find(tenant, { lectureIds: [toLectureId(1)] }, held.other))[0]).toEqual(idsOf(1, 'g2', [0, 1, 2]));
    // Twice is once.
    expect(await held.index.moveTogether(tenant, moves)).toHaveLength(2);

    const back = moves.map(({ lectureId, from, to }) => ({ lectureId, from: to, to: from }));
    expect(await held.other.moveTogether(tenant, back)).toHaveLength(2);
    expect(await held.find(tenant)).toEqual(three('g1', [1, 2, 3]));
    expect(await held.index.moveTogether(tenant, moves)).toHaveLength(2);
    // What was left can be dropped; then there is no way back.
    for (const { lectureId } of moves) await held.index.discardGeneration(tenant, lectureId, 'g1');
    expect(await held.index.countChunks(tenant, toLectureId(1), 'g1')).toBe(0);
    expect(await held.index.moveTogether(tenant, back)).toEqual([]);
    expect(await generationsOf(tenant)).toEqual(['g2', 'g2', 'g1']);
  });

  it('leaves alone what changed meanwhile: deleted, written anew, never staged', async () => {
    const tenant = await stageSemester(4);
    await held.other.deleteLecture(tenant, toLectureId(1));
    await held.other.writeChunks(tenant, { lectureId: toLectureId(2), ...SEMESTER }, 'g3', toChunks(1));
    await held.other.activate(tenant, { lectureId: toLectureId(2), ...SEMESTER }, 'g3', 1, 'g1');
    const moves = [move(1), move(2), move(3), move(4, 'g1', 'g9')];
    expect(await held.index.moveTogether(tenant, moves)).toEqual([toLectureId(3)]);
    expect((await held.index.catalogue(tenant)).map(({ lectureId, generation }) => [lectureId, generation])).toEqual([
      [toLectureId(2), 'g3'],
      [toLectureId(3), 'g2'],
      [toLectureId(4), 'g1'],
    ]);
    expect(await held.index.countChunks(tenant, toLectureId(2), 'g2')).toBe(0);
    expect(await held.index.moveTogether('tenant-unknown', moves)).toEqual([]);
  });

  it('lets a writer that began before a move end after it', async () => {
    const tenant = await stageSemester(1);
    const entry = { lectureId: toLectureId(1), ...SEMESTER };
    await held.other.writeChunks(tenant, entry, 'g3', toChunks(2));
    await held.index.moveTogether(tenant, [move(1)]);
    await held.other.activate(tenant, entry, 'g3', 2, 'g1');
    expect(await generationsOf(tenant)).toEqual(['g3']);
    // A zombie of before is refused all the same.
    await held.index.writeChunks(tenant, entry, 'g4', toChunks(2));
    await expect(held.index.activate(tenant, entry, 'g4', 2, 'g1')).rejects.toMatchObject({ kind: 'conflict' });
    expect(await held.index.moveTogether(tenant, [move(1, 'g2', 'g1')])).toEqual([]);
  });

  it('stages what is whole, and lets what a move left be written anew', async () => {
    const tenant = await stageSemester(1);
    const entry = { lectureId: toLectureId(1), ...SEMESTER };
    await held.index.writeChunks(tenant, entry, 'g3', toChunks(2));
    await expect(held.index.stage(tenant, entry.lectureId, 'g3', 3)).rejects.toMatchObject({ kind: 'conflict' });
    await held.index.stage(tenant, entry.lectureId, 'g3', 2);
    await held.index.stage(tenant, entry.lectureId, 'g3', 2);
    await held.index.moveTogether(tenant, [move(1, 'g1', 'g2')]);
    await held.publish(tenant, entry, 'g1', toChunks(3), 'g2');
    expect(await held.find(tenant)).toEqual(three('g1', [1]));
    expect(await held.index.countChunks(tenant, entry.lectureId, 'g3')).toBe(0);
  });

  it('moves a lecture without speech', async () => {
    const tenant = held.newTenant();
    const entry = { lectureId: toLectureId(1) };
    await held.publish(tenant, entry, 'g1', []);
    await held.index.stage(tenant, entry.lectureId, 'g2', 0);
    expect(await held.index.moveTogether(tenant, [move(1)])).toEqual([entry.lectureId]);
    expect(await held.index.catalogue(tenant)).toEqual([{ ...entry, generation: 'g2', chunks: 0 }]);
  });

  it('never shows a reader some lectures moved and others not', async () => {
    const lectures = [1, 2, 3, 4, 5, 6];
    const tenant = await stageSemester(lectures.length);
    const writing = new AbortController();
    const seen: string[][] = [];
    const reading = (async () => {
      while (!writing.signal.aborted) for (const ids of await held.find(tenant, {}, held.other)) seen.push(ids);
    })();
    for (let round = 0; round < 6; round++) {
      const [from, to] = round % 2 === 0 ? ['g1', 'g2'] : ['g2', 'g1'];
      const moved = await held.index.moveTogether(
        tenant,
        lectures.map((lecture) => move(lecture, from, to)),
      );
      expect(moved).toHaveLength(lectures.length);
    }
    writing.abort();
    await reading;
    expect(seen.length).toBeGreaterThan(0);
    for (const ids of seen) expect(new Set(ids.map((id) => id.split(':')[1])).size).toBe(1);
    for (const ids of seen) expect(ids).toHaveLength(18);
  });
}
