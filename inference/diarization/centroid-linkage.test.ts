import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { centroidLinkage, labelsAfter } from './centroid-linkage.ts';

const points = fc.array(
  fc.tuple(fc.integer({ min: -50, max: 50 }), fc.integer({ min: -50, max: 50 })).map((xy) => Float32Array.from(xy)),
  { minLength: 1, maxLength: 25 },
);

/** The same by brute force, from the centroids themselves. */
function bruteForceDistances(all: readonly Float32Array[]): number[] {
  let clusters = all.map((point) => ({ sum: Array.from(point), size: 1 }));
  const distances: number[] = [];
  while (clusters.length > 1) {
    let best = { i: 0, j: 1, distance: Infinity };
    for (const [i, a] of clusters.entries()) {
      for (const [j, b] of clusters.entries()) {
        const distance = Math.hypot(...a.sum.map((value, axis) => value / a.size - (b.sum[axis] ?? 0) / b.size));
        if (i < j && distance < best.distance) best = { i, j, distance };
      }
    }
    const [a, b] = [clusters[best.i], clusters[best.j]];
    distances.push(best.distance);
    const merged = { sum: (a?.sum ?? []).map((value, axis) => value + (b?.sum[axis] ?? 0)), size: (a?.size ?? 0) + (b?.size ?? 0) };
    clusters = [...clusters.filter((_, index) => index !== best.i && index !== best.j), merged];
  }
  return distances;
}

test('the first merge is that of the nearest points, and all points end in one cluster', () => {
  fc.assert(
    fc.property(points, (all) => {
      const merges = centroidLinkage(all);
      expect(merges).toHaveLength(all.length - 1);
      expect(merges[0]?.distance ?? 0).toBeCloseTo(bruteForceDistances(all)[0] ?? 0, 6);
      expect(new Set(labelsAfter(all.length, merges, merges.length)).size).toBe(1);
      for (let count = 0; count <= merges.length; count++) {
        expect(new Set(labelsAfter(all.length, merges, count)).size).toBe(all.length - count);
      }
    }),
  );
});

test('distances are those of the centroids', () => {
  const seeds = fc.integer({ min: 1, max: 1e6 });
  fc.assert(
    fc.property(seeds, fc.integer({ min: 2, max: 18 }), (seed, count) => {
      // No two distances alike, so that there is one right order.
      const all = Array.from({ length: count }, (_, index) =>
        Float32Array.from([Math.sin(seed + index * 12.9898) * 1000, Math.cos(seed * 1.7 + index * 78.233) * 1000]),
      );
      const expected = bruteForceDistances(all);
      for (const [index, { distance }] of centroidLinkage(all).entries()) expect(distance).toBeCloseTo(expected[index] ?? NaN, 3);
    }),
  );
});
