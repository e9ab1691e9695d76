import { array, assert, constantFrom, integer, property, record, uniqueArray } from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { FusedHit } from './fuse.ts';
import { withSurroundings, type SurroundingsWeights } from './with-surroundings.ts';

const hit = (chunkId: string, score: number): FusedHit => ({ chunkId, score, legs: { bm25: { rank: 1, score } } });
const around = (hits: FusedHit[], weights: SurroundingsWeights): FusedHit[] => withSurroundings(() => hits, weights)([], '');

const hits = uniqueArray(
  record({ lecture: constantFrom('a', 'b'), ordinal: integer({ min: 0, max: 6 }), eighths: integer({ min: 0, max: 8 }) }),
  { selector: ({ lecture, ordinal }) => `${lecture}:${ordinal}`, maxLength: 12 },
).map((found) =>
  found.map(({ lecture, ordinal, eighths }) => hit(`${lecture}:g:${ordinal}`, eighths / 8)).toSorted((x, y) => y.score - x.score),
);

describe('withSurroundings', () => {
  it('is as computed by hand', () => {
    const found = [hit('a:g:1', 0.9), hit('b:g:7', 0.8), hit('b:g:8', 0.6), hit('b:g:9', 0.1)];
    const scores = new Map(around(found, { neighbours: 0.5, lecture: 0.25 }).map(({ chunkId, score }) => [chunkId, score * 1.75]));
    expect(scores.get('a:g:1')).toBeCloseTo(0.9 + 0.25 * 0.3, 12);
    expect(scores.get('b:g:7')).toBeCloseTo(0.8 + 0.5 * 0.3 + 0.25 * 0.5, 12);
    expect(scores.get('b:g:8')).toBeCloseTo(0.6 + 0.5 * 0.45 + 0.25 * 0.5, 12);
    expect(around(found, { neighbours: 0.5, lecture: 0.25 })[0]?.chunkId).toBe('b:g:7');
  });

  it('holds the same passages with the same legs, best first, in the same range', () => {
    assert(
      property(hits, array(integer({ min: 0, max: 8 }), { minLength: 2, maxLength: 2 }), (found, [neighbours, lecture]) => {
        const after = around(found, { neighbours: neighbours! / 8, lecture: lecture! / 8 });
        expect(after.map(({ chunkId }) => chunkId).toSorted()).toEqual(found.map(({ chunkId }) => chunkId).toSorted());
        expect(after).toEqual(after.toSorted((x, y) => y.score - x.score || (x.chunkId < y.chunkId ? -1 : 1)));
        const largest = Math.max(0, ...found.map(({ score }) => score));
        for (const { chunkId, score, legs } of after) {
          expect(legs).toEqual(found.find((other) => other.chunkId === chunkId)?.legs);
          expect(score).toBeLessThanOrEqual(largest + 1e-12);
          expect(score).toBeGreaterThanOrEqual(0);
        }
      }),
    );
  });

  it('changes no order where surroundings count for nothing, nor in one lecture without neighbours', () => {
    assert(
      property(hits, (found) => {
        const order = found.toSorted((x, y) => y.score - x.score || (x.chunkId < y.chunkId ? -1 : 1)).map(({ chunkId }) => chunkId);
        expect(around(found, { neighbours: 0, lecture: 0 }).map(({ chunkId }) => chunkId)).toEqual(order);
        const alone = found.filter(({ chunkId }) => /^a:g:[024]$/.test(chunkId));
        expect(around(alone, { neighbours: 0.5, lecture: 0.5 }).map(({ chunkId }) => chunkId)).toEqual(
          order.filter((chunkId) => alone.some((other) => other.chunkId === chunkId)),
        );
      }),
    );
  });
});
