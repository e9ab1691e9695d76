import { assert, constantFrom, float, integer, property, record, tuple, uniqueArray } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LEGS } from '../../contracts/query.ts';
import type { LegList } from '../legs.ts';
import { createFusion, type LegWeights } from './fuse.ts';
import { byDistribution, byMinMax, byReciprocalRank } from './scales.ts';

const SCALES = { byReciprocalRank, byMinMax, byDistribution };
const EVEN: LegWeights = { dense: 1, sparse: 1, bm25: 1 };

// Negative, equal and single scores and empty legs are all in here.
// In eighths: differences that vanish in a sum are no order to keep.
const score = integer({ min: -160, max: 160 }).map((eighths) => eighths / 8);
const hits = uniqueArray(record({ chunkId: constantFrom('a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j', 'k', 'l'), score }), {
  selector: ({ chunkId }) => chunkId,
  maxLength: 12,
}).map((found) => found.toSorted((a, b) => b.score - a.score || (a.chunkId < b.chunkId ? -1 : 1)));
const lists = tuple(hits, hits, hits).map((found) => LEGS.map((leg, index): LegList => ({ leg, hits: found[index]! })));
const weight = float({ min: 0, max: 1, noNaN: true });
const weights = record({ dense: weight, sparse: weight, bm25: weight });

function listOf(leg: LegList['leg'], scores: Record<string, number>): LegList {
  return { leg, hits: Object.entries(scores).map(([chunkId, value]) => ({ chunkId, score: value })) };
}

describe.each(Object.entries(SCALES))('fusion %s', (_, scale) => {
  it('holds each found passage once, best first, ties by id, with its rank and score in each leg', () => {
    assert(
      property(lists, weights, (given, chosen) => {
        const fused = createFusion(scale, () => chosen)(given, '');
        expect(fused.map(({ chunkId }) => chunkId).toSorted()).toEqual(
          [...new Set(given.flatMap((list) => list.hits.map(({ chunkId }) => chunkId)))].toSorted(),
        );
        expect(fused).toEqual(fused.toSorted((a, b) => b.score - a.score || (a.chunkId < b.chunkId ? -1 : 1)));
        for (const hit of fused) expect(hit.score).toBeGreaterThanOrEqual(0);
        for (const { leg, hits: found } of given) {
          const places = found.map(({ chunkId }) => fused.find((hit) => hit.chunkId === chunkId)?.legs[leg]);
          expect(places).toEqual(found.map((hit, index) => ({ rank: index + 1, score: hit.score })));
          expect(fused.filter((hit) => hit.legs[leg]).length).toBe(found.length);
        }
      }),
    );
  });

  it('gives the same whatever the order of the legs, and knows proportions of weights only', () => {
    assert(
      property(lists, weights, (given, chosen) => {
        const fused = new Map(createFusion(scale, () => chosen)(given, '').map((hit) => [hit.chunkId, hit.score]));
        const doubled = { dense: 2 * chosen.dense, sparse: 2 * chosen.sparse, bm25: 2 * chosen.bm25 };
        for (const hit of createFusion(scale, () => doubled)(given.toReversed(), '')) {
          expect(hit.score).toBeCloseTo(2 * fused.get(hit.chunkId)!, 10);
        }
      }),
    );
  });

  it('keeps the order of the legs where they agree, and that of the only leg that counts', () => {
    assert(
      property(hits, (found) => {
        const agreed = createFusion(scale, () => EVEN)(
          LEGS.map((leg) => ({ leg, hits: found })),
          '',
        );
        const alone = createFusion(scale, () => EVEN)([{ leg: 'bm25', hits: found }], '');
        for (const fused of [agreed, alone]) {
          const scores = fused.map(({ legs }) => legs.bm25!.score);
          expect(scores).toEqual(scores.toSorted((a, b) => b - a));
        }
      }),
    );
  });

  it('never puts a passage before one that every leg scores higher', () => {
    assert(
      property(lists, (given) => {
        const fused = createFusion(scale, () => EVEN)(given, '');
        for (const [at, better] of fused.entries()) {
          for (const worse of fused.slice(0, at)) {
            const dominated = LEGS.every((leg) => (better.legs[leg]?.score ?? -Infinity) > (worse.legs[leg]?.score ?? -Infinity));
            expect(dominated).toBe(false);
          }
        }
      }),
    );
  });

  it('asks for weights with the question', () => {
    const fusion = createFusion(scale, (question) =>
      question === 'words' ? { dense: 0, sparse: 0, bm25: 1 } : { dense: 1, sparse: 0, bm25: 0 },
    );
    const given = [listOf('dense', { a: 0.9, b: 0.5, c: 0.1 }), listOf('bm25', { b: 9, c: 5, a: 1 })];
    expect(fusion(given, 'words')[0]?.chunkId).toBe('b');
    expect(fusion(given, 'sense')[0]?.chunkId).toBe('a');
  });
});

describe('scales', () => {
  const toHits = (scores: number[]): LegList['hits'] => scores.map((value, index) => ({ chunkId: String(index), score: value }));

  it('are as computed by hand', () => {
    expect(byReciprocalRank(toHits([9, 3]))).toEqual([1 / 61, 1 / 62]);
    expect(byMinMax(toHits([5, 2, 1, -3]))).toEqual([1, 0.625, 0.5, 0]);
    // Mean 3, sample deviation 2: from -3 to 9.
    expect(byDistribution(toHits([5, 3, 1]))).toEqual([8 / 12, 0.5, 4 / 12]);
  });

  it('know what to do with one hit, equal hits and none', () => {
    for (const scale of Object.values(SCALES)) expect(scale([])).toEqual([]);
    expect([byMinMax(toHits([-4])), byMinMax(toHits([2, 2]))]).toEqual([[1], [1, 1]]);
    expect([byDistribution(toHits([-4])), byDistribution(toHits([2, 2]))]).toEqual([[0.5], [0.5, 0.5]]);
  });
});
