import { array, assert, double, property } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { pairedRandomisation } from './paired-randomisation.ts';

const pairs = array(
  double({ min: 0, max: 1, noNaN: true }).chain((ours) => double({ min: 0, max: 1, noNaN: true }).map((theirs) => [ours, theirs] as const)),
  { minLength: 1, maxLength: 12 },
);

/** p over every way to swap the pairs. */
function exactP(differences: readonly number[]): number {
  const observed = Math.abs(differences.reduce((sum, value) => sum + value, 0));
  const ways = 2 ** differences.length;
  let asLarge = 0;
  for (let way = 0; way < ways; way++) {
    const swapped = differences.reduce((sum, value, index) => sum + ((way >> index) & 1 ? value : -value), 0);
    if (Math.abs(swapped) >= observed - 1e-9) asLarge++;
  }
  return asLarge / ways;
}

describe('pairedRandomisation', () => {
  it('comes near the exact p of all swaps', () => {
    assert(
      property(pairs, (given) => {
        const { difference, p } = pairedRandomisation(
          given.map(([ours]) => ours),
          given.map(([, theirs]) => theirs),
        );
        const differences = given.map(([ours, theirs]) => ours - theirs);
        expect(difference).toBeCloseTo(differences.reduce((sum, value) => sum + value, 0) / given.length, 12);
        expect(Math.abs(p - exactP(differences))).toBeLessThan(0.03);
      }),
      { numRuns: 30 },
    );
  });

  it('is the same the other way round but for the sign', () => {
    assert(
      property(pairs, (given) => {
        const [ours, theirs] = [given.map(([one]) => one), given.map(([, other]) => other)];
        const there = pairedRandomisation(ours, theirs);
        const back = pairedRandomisation(theirs, ours);
        expect(back.difference).toBeCloseTo(-there.difference, 12);
        expect(back.p).toBeCloseTo(there.p, 1);
      }),
      { numRuns: 20 },
    );
  });

  it('finds nothing between a system and itself, and hardly a chance in a hundred wins out of a hundred', () => {
    const scores = Array.from({ length: 100 }, (_, index) => index / 200);
    expect(pairedRandomisation(scores, scores)).toEqual({ difference: 0, p: 1 });
    const { difference, p } = pairedRandomisation(
      scores.map((score) => score + 0.1),
      scores,
    );
    expect(difference).toBeCloseTo(0.1, 12);
    expect(p).toBeLessThan(0.001);
  });
});
