import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { averageLinkage, labelsAfter } from './average-linkage.ts';

const points = fc
  .array(fc.tuple(fc.integer({ min: -50, max: 50 }), fc.integer({ min: -50, max: 50 })), { minLength: 1, maxLength: 25 })
  .map((all) => all.map(([x, y]) => unit(x + 0.5, y + 0.5)));

function unit(...values: number[]): Float32Array {
  return Float32Array.from(values, (value) => value / Math.hypot(...values));
}

/** The same by brute force, from the pairs themselves. */
function bruteForceSimilarities(all: readonly Float32Array[]): number[] {
  let clusters = all.map((point) => [point]);
  const similarities: number[] = [];
  const dot = (a: Float32Array, b: Float32Array): number => a.reduce((sum, value, axis) => sum + value * (b[axis] ?? 0), 0);
  while (clusters.length > 1) {
    let best = { i: 0, j: 1, similarity: -Infinity };
    for (const [i, a] of clusters.entries()) {
      for (const [j, b] of clusters.entries()) {
        const similarity = a.flatMap((p) => b.map((q) => dot(p, q))).reduce((sum, value) => sum + value, 0) / (a.length * b.length);
        if (i < j && similarity > best.similarity) best = { i, j, similarity };
      }
    }
    similarities.push(best.similarity);
    const merged = [...(clusters[best.i] ?? []), ...(clusters[best.j] ?? [])];
    clusters = [...clusters.filter((_, index) => index !== best.i && index !== best.j), merged];
  }
  return similarities;
}

test('merges get less alike, and all points end in one cluster', () => {
  fc.assert(
    fc.property(points, (all) => {
      const merges = averageLinkage(all);
      expect(merges).toHaveLength(all.length - 1);
      for (const [index, { similarity }] of merges.slice(1).entries()) {
        expect(similarity).toBeLessThanOrEqual((merges[index]?.similarity ?? 0) + 1e-9);
      }
      expect(new Set(labelsAfter(all.length, merges, merges.length)).size).toBe(1);
      for (let count = 0; count <= merges.length; count++) {
        expect(new Set(labelsAfter(all.length, merges, count)).size).toBe(all.length - count);
      }
    }),
  );
});

test('similarities are the means of the pairs', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 1e6 }), fc.integer({ min: 2, max: 18 }), (seed, count) => {
      // No two pairs alike, so that there is one right order.
      const all = Array.from({ length: count }, (_, index) =>
        unit(Math.sin(seed + index * 12.9898), Math.cos(seed * 1.7 + index * 78.233), Math.sin(seed * 0.3 + index * 3.7)),
      );
      const expected = bruteForceSimilarities(all);
      for (const [index, { similarity }] of averageLinkage(all).entries()) expect(similarity).toBeCloseTo(expected[index] ?? NaN, 5);
    }),
  );
});
