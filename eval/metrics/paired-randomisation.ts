import { seededRandom } from './seeded-random.ts';

const ROUNDS = 10_000;
const SEED = 20_260_102;

export interface PairedDifference {
  /** Mean of `ours` minus mean of `theirs`. */
  difference: number;
  /** How often chance alone makes a difference as large, either way. */
  p: number;
}

/**
 * Fisher's randomisation test on paired scores (Smucker, Allan and Carterette 2007), two-sided: with no difference between the two
 * systems, each question's pair is as likely to be the other way round. Ten thousand rounds of swaps, the same in every run; the
 * smallest p it can tell is 1 / 10,001. Both lists hold one score a question, in the same order.
 */
export function pairedRandomisation(ours: readonly number[], theirs: readonly number[]): PairedDifference {
  const differences = ours.map((value, index) => value - theirs[index]!);
  const observed = sum(differences);
  // A question that both answer alike is the same either way round: only the others are swapped.
  const unequal = differences.filter((value) => value !== 0);
  const random = seededRandom(SEED);
  let asLarge = 0;
  for (let round = 0; round < ROUNDS; round++) {
    let swapped = 0;
    for (const value of unequal) swapped += random() < 0.5 ? value : -value;
    // Sums in another order differ in their last digits; those are no difference.
    if (Math.abs(swapped) >= Math.abs(observed) - 1e-9) asLarge++;
  }
  return { difference: differences.length === 0 ? 0 : observed / differences.length, p: (asLarge + 1) / (ROUNDS + 1) };
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
