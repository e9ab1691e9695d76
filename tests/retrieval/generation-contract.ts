import { expect, it } from 'vitest';
import { toChunkId } from '../../retrieval/chunk-id.ts';
import type { IndexUnderTest } from './index-under-test.ts';
import { idsOf, toChunk, toChunks, toLectureId } from './sample-chunks.ts';

/** What is seen when: generations, activation, deletion, readers beside writers. */
export function testGenerations(held: IndexUnderTest): void {
  it('is healthy, and empty for a tenant nobody wrote', async () => {
    const tenant = held.newTenant();
    await held.index.health();
    expect(await held.find(tenant)).toEqual([[], [], []]);
    expect(await held.index.catalogue(tenant)).toEqual([]);
    expect(await held.index.activeGeneration(tenant, toLectureId(1))).toBeNull();
    expect(await held.index.countChunks(tenant, toLectureId(1), 'g1')).toBe(0);
    expect(await held.index.getChunks(tenant, [toChunkId(toLectureId(1), 'g1', 0), 'nonsense'])).toEqual([]);
    await held.index.deleteLecture(tenant, toLectureId(1));
    await held.index.discardGeneration(tenant, toLectureId(1), 'g1');
    await held.index.deleteTenant(tenant);
  });

  it('shows a generation whole once it is active, and not before', async () => {
    const tenant = held.newTenant();
    const entry = { lectureId: toLectureId(1), title: 'Cells', course: 'bio', semester: 'ws26' };
    await held.index.writeChunks(tenant, entry, 'g1', toChunks(4));
    expect(await held.index.countChunks(tenant, entry.lectureId, 'g1')).toBe(4);
    expect(await held.find(tenant)).toEqual([[], [], []]);
    expect(await held.index.getChunks(tenant, idsOf(1, 'g1', [0]))).toEqual([]);
    expect(await held.index.catalogue(tenant)).toEqual([]);

    await held.index.activate(tenant, entry, 'g1', 4, null);
    const all = idsOf(1, 'g1', [0, 1, 2, 3]);
    expect(await held.find(tenant)).toEqual([all, all, all]);
    expect(await held.find(tenant, {}, held.other)).toEqual([all, all, all]);
    expect(await held.other.activeGeneration(tenant, entry.lectureId)).toBe('g1');
    expect(await held.other.catalogue(tenant)).toEqual([{ ...entry, generation: 'g1', chunks: 4 }]);
  });

  it('writes the same chunks twice as once', async () => {
    const tenant = held.newTenant();
    const entry = { lectureId: toLectureId(1) };
    await held.index.writeChunks(tenant, entry, 'g1', [toChunk(0, { text: 'obsolete' }), toChunk(1)]);
    await held.index.writeChunks(tenant, entry, 'g1', toChunks(3));
    await held.index.activate(tenant, entry, 'g1', 3, null);
    expect(await held.find(tenant)).toEqual(Array.from({ length: 3 }, () => idsOf(1, 'g1', [0, 1, 2])));
    expect((await held.index.search(tenant, [{ leg: 'bm25', limit: 5, text: 'obsolete' }], {}))[0]).toEqual([]);
  });

  it('refuses to activate half a generation, and serves the old one meanwhile', async () => {
    const tenant = held.newTenant();
    const entry = { lectureId: toLectureId(1) };
    await held.publish(tenant, entry, 'g1', toChunks(3));
    // A writer that died half-way.
    const doomed = await held.store.open();
    await doomed.writeChunks(tenant, entry, 'g2', toChunks(2));
    await doomed.close();
    await expect(held.index.activate(tenant, entry, 'g2', 5, 'g1')).rejects.toMatchObject({ kind: 'conflict' });
    expect(await held.find(tenant)).toEqual(Array.from({ length: 3 }, () => idsOf(1, 'g1', [0, 1, 2])));
    // Its successor writes all of it again and activates.
    await held.publish(tenant, entry, 'g2', toChunks(5), 'g1');
    expect(await held.find(tenant, {}, held.other)).toEqual(Array.from({ length: 3 }, () => idsOf(1, 'g2', [0, 1, 2, 3, 4])));
  });

  it('activates by compare-and-set', async () => {
    const tenant = held.newTenant();
    const entry = { lectureId: toLectureId(1) };
    await held.index.writeChunks(tenant, entry, 'g1', toChunks(1));
    await expect(held.index.activate(tenant, entry, 'g1', 1, 'g0')).rejects.toMatchObject({ kind: 'conflict' });
    await held.index.activate(tenant, entry, 'g1', 1, null);
    await held.index.writeChunks(tenant, entry, 'g2', toChunks(2));
    await expect(held.index.activate(tenant, entry, 'g2', 2, null)).rejects.toMatchObject({ kind: 'conflict' });
    await held.index.activate(tenant, entry, 'g2', 2, 'g1');
    // A retry of an activation that went through changes nothing; a zombie with the old view fails.
    await held.index.activate(tenant, entry, 'g2', 2, 'g1');
    await expect(held.index.activate(tenant, entry, 'g1', 1, null)).rejects.toMatchObject({ kind: 'conflict' });
    expect(await held.index.activeGeneration(tenant, entry.lectureId)).toBe('g2');
  });

  it('lets one of two racing activations win', async () => {
    const tenant = held.newTenant();
    const entry = { lectureId: toLectureId(1) };
    await held.publish(tenant, entry, 'g0', toChunks(1));
    await held.index.writeChunks(tenant, entry, 'left', toChunks(2));
    await held.other.writeChunks(tenant, entry, 'right', toChunks(3));
    const outcomes = await Promise.allSettled([
      held.index.activate(tenant, entry, 'left', 2, 'g0'),
      held.other.activate(tenant, entry, 'right', 3, 'g0'),
    ]);
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    const winner = outcomes[0].status === 'fulfilled' ? { generation: 'left', chunks: 2 } : { generation: 'right', chunks: 3 };
    expect(await held.index.catalogue(tenant)).toEqual([{ ...entry, ...winner }]);
  });

  it('drops the other generations of the lecture with an activation', async () => {
    const tenant = held.newTenant();
    const entry = { lectureId: toLectureId(1) };
    await held.publish(tenant, entry, 'g1', toChunks(3));
    await held.index.writeChunks(tenant, entry, 'abandoned', toChunks(2));
    await held.publish(tenant, entry, 'g2', toChunks(2), 'g1');
    for (const generation of ['g1', 'abandoned']) expect(await held.index.countChunks(tenant, entry.lectureId, generation)).toBe(0);
    expect(await held.index.getChunks(tenant, idsOf(1, 'g1', [0]))).toEqual([]);
  });

  it('never shows a reader two generations, or part of one', async () => {
    const tenant = held.newTenant();
    const entry = { lectureId: toLectureId(1) };
    await held.publish(tenant, entry, 'g0', toChunks(6));
    const writing = new AbortController();
    const seen: string[][] = [];
    const reading = (async () => {
      while (!writing.signal.aborted) for (const ids of await held.find(tenant, {}, held.other)) seen.push(ids);
    })();
    for (let round = 1; round <= 12; round++) await held.publish(tenant, entry, `g${round}`, toChunks(6), `g${round - 1}`);
    writing.abort();
    await reading;
    expect(seen.length).toBeGreaterThan(0);
    for (const ids of seen) {
      expect(ids).toHaveLength(6);
      expect(new Set(ids.map((id) => id.split(':')[1])).size).toBe(1);
    }
  });

  it('guards the active generation against writing and discarding', async () => {
    const tenant = held.newTenant();
    const entry = { lectureId: toLectureId(1) };
    await held.publish(tenant, entry, 'g1', toChunks(2));
    await expect(held.index.writeChunks(tenant, entry, 'g1', toChunks(2))).rejects.toMatchObject({ kind: 'conflict' });
    await expect(held.index.discardGeneration(tenant, entry.lectureId, 'g1')).rejects.toMatchObject({ kind: 'conflict' });
    await held.index.writeChunks(tenant, entry, 'g2', toChunks(2));
    await held.index.discardGeneration(tenant, entry.lectureId, 'g2');
    expect(await held.index.countChunks(tenant, entry.lectureId, 'g2')).toBe(0);
    expect(await held.find(tenant)).toEqual(Array.from({ length: 3 }, () => idsOf(1, 'g1', [0, 1])));
  });

  it('activates a lecture without speech', async () => {
    const tenant = held.newTenant();
    const entry = { lectureId: toLectureId(1), title: 'Silence' };
    await held.publish(tenant, entry, 'g1', []);
    expect(await held.index.catalogue(tenant)).toEqual([{ ...entry, generation: 'g1', chunks: 0 }]);
    expect(await held.find(tenant)).toEqual([[], [], []]);
  });

  it('deletes a lecture with all its generations, for every reader', async () => {
    const tenant = held.newTenant();
    await held.publish(tenant, { lectureId: toLectureId(1) }, 'g1', toChunks(2));
    await held.publish(tenant, { lectureId: toLectureId(2) }, 'g1', toChunks(2));
    await held.index.writeChunks(tenant, { lectureId: toLectureId(1) }, 'g2', toChunks(2));
    expect((await held.find(tenant, {}, held.other))[0]).toHaveLength(4);
    await held.index.deleteLecture(tenant, toLectureId(1));
    expect(await held.find(tenant, {}, held.other)).toEqual(Array.from({ length: 3 }, () => idsOf(2, 'g1', [0, 1])));
    expect(await held.index.countChunks(tenant, toLectureId(1), 'g2')).toBe(0);
    expect(await held.index.activeGeneration(tenant, toLectureId(1))).toBeNull();
    // A zombie that activates what was deleted finds nothing to activate.
    await expect(held.index.activate(tenant, { lectureId: toLectureId(1) }, 'g2', 2, 'g1')).rejects.toMatchObject({ kind: 'conflict' });
  });
}
