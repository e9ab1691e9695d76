import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LEGS } from '../contracts/query.ts';
import { fuseRanks } from './fusion.ts';

const hits = fc
  .uniqueArray(fc.stringMatching(/^[a-f]{1,2}$/), { maxLength: 15 })
  .map((ids) => ids.map((chunkId, index) => ({ chunkId, score: 100 - index })));
const legs = fc.tuple(hits, hits, hits).map((lists) => LEGS.map((leg, index) => ({ leg, hits: lists[index]! })));

describe('fuseRanks', () => {
  it('sums 1 / (60 + rank), as computed by hand', () => {
    const fused = fuseRanks([
      {
        leg: 'dense',
        hits: [
          { chunkId: 'a', score: 0.9 },
          { chunkId: 'b', score: 0.8 },
        ],
      },
      { leg: 'sparse', hits: [{ chunkId: 'b', score: 12 }] },
    ]);
    expect(fused).toEqual([
      { chunkId: 'b', score: 1 / 62 + 1 / 61, legs: { dense: { rank: 2, score: 0.8 }, sparse: { rank: 1, score: 12 } } },
      { chunkId: 'a', score: 1 / 61, legs: { dense: { rank: 1, score: 0.9 } } },
    ]);
  });

  it('holds each found passage once, best first, ties by id, whatever the order of the legs', () => {
    fc.assert(
      fc.property(legs, (given) => {
        const fused = fuseRanks(given);
        const found = new Set(given.flatMap((leg) => leg.hits.map((hit) => hit.chunkId)));
        expect(new Set(fused.map((hit) => hit.chunkId))).toEqual(found);
        expect(fused.length).toBe(found.size);
        const sorted = fused.toSorted((a, b) => b.score - a.score || (a.chunkId < b.chunkId ? -1 : 1));
        expect(fused).toEqual(sorted);
        for (const { leg, hits: list } of given) {
          const ranks = list.map((hit) => fused.find((other) => other.chunkId === hit.chunkId)?.legs[leg]?.rank);
          expect(ranks).toEqual(list.map((_, index) => index + 1));
          expect(fused.filter((hit) => hit.legs[leg]).length).toBe(list.length);
        }
        const reversed = new Map(fuseRanks(given.toReversed()).map((hit) => [hit.chunkId, hit.score]));
        for (const hit of fused) expect(reversed.get(hit.chunkId)).toBeCloseTo(hit.score, 12);
      }),
    );
  });

  it('never puts a passage behind one that every leg ranks lower', () => {
    fc.assert(
      fc.property(hits, (list) => {
        const fused = fuseRanks([
          { leg: 'dense', hits: list },
          { leg: 'sparse', hits: list },
        ]);
        expect(fused.map((hit) => hit.chunkId)).toEqual(list.map((hit) => hit.chunkId));
      }),
    );
  });
});
