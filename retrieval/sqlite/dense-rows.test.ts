import { array, assert, integer, property, tuple } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { seededRandom } from '../../eval/metrics/seeded-random.ts';
import { decodeCodes, encodeCodes } from './dense-codes.ts';
import { DenseRows } from './dense-rows.ts';

function unitVector(random: () => number, dimensions: number): Float32Array {
  const vector = Float32Array.from({ length: dimensions }, () => random() - 0.5);
  const norm = Math.hypot(...vector);
  return vector.map((value) => value / norm);
}

const dot = (a: Float32Array, b: Float32Array): number => a.reduce((sum, value, d) => sum + value * b[d]!, 0);

describe('DenseRows', () => {
  it('score every row that is there within the error of int8, whatever came and went, in any dimension', () => {
    assert(
      property(
        integer({ min: 2, max: 40 }),
        array(tuple(integer({ min: 0, max: 4 }), integer({ min: 0, max: 12 })), { minLength: 1, maxLength: 20 }),
        integer(),
        (dimensions, steps, seed) => {
          const random = seededRandom(seed);
          const rows = new DenseRows(dimensions);
          const lectures = new Map<number, Map<number, Float32Array>>();
          let id = 0;
          for (const [lecture, chunks] of steps) {
            const vectors = new Map(Array.from({ length: chunks }, () => [id++, unitVector(random, dimensions)]));
            lectures.set(lecture, vectors);
            if (chunks === 0) rows.remove(String(lecture));
            else rows.add(String(lecture), Float64Array.from(vectors.keys()), decodeCodes(encodeCodes([...vectors.values()])));
          }
          const query = unitVector(random, dimensions);
          const expected = new Map([...lectures.values()].flatMap((vectors) => [...vectors]));
          const found = rows.nearest(query, 1_000, null);
          expect(found.map((hit) => hit.id).toSorted((a, b) => a - b)).toEqual([...expected.keys()].toSorted((a, b) => a - b));
          for (const hit of found) expect(Math.abs(hit.score - dot(query, expected.get(hit.id)!))).toBeLessThan(0.02);
        },
      ),
    );
  });

  it('have the true best forty among four times as many, of 3,000 vectors as long as an embedding', () => {
    const random = seededRandom(7);
    // Near each other, as passages of one course are: the hard case for rounding.
    const centre = unitVector(random, 384);
    const near = (): Float32Array => {
      const vector = unitVector(random, 384).map((value, d) => value + centre[d]!);
      const norm = Math.hypot(...vector);
      return vector.map((value) => value / norm);
    };
    const vectors = Array.from({ length: 3_000 }, near);
    const rows = new DenseRows(384);
    rows.add('a', Float64Array.from(vectors.keys()), decodeCodes(encodeCodes(vectors)));
    for (let question = 0; question < 3; question++) {
      const query = near();
      const best = vectors.map((vector, id) => ({ id, score: dot(query, vector) })).toSorted((a, b) => b.score - a.score);
      const found = new Set(rows.nearest(query, 160, null).map(({ id }) => id));
      expect(best.slice(0, 40).filter(({ id }) => !found.has(id))).toEqual([]);
    }
  });

  it('keep to what is allowed', () => {
    const random = seededRandom(3);
    const rows = new DenseRows(16);
    const vectors = Array.from({ length: 50 }, () => unitVector(random, 16));
    rows.add('a', Float64Array.from(vectors.keys()), decodeCodes(encodeCodes(vectors)));
    const allowed = new Set([3, 14, 41]);
    expect(new Set(rows.nearest(vectors[0]!, 10, allowed).map(({ id }) => id))).toEqual(allowed);
  });
});
