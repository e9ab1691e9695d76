import { seededRandom } from './seeded-random.ts';

const RESAMPLES = 1000;
const SEED = 20_260_101;

/** Bounds of the middle 95 %. */
export type Interval = [low: number, high: number];

/**
 * 95 % confidence interval of a pooled rate by the percentile bootstrap over recordings (Bisani and Ney 2004): recordings are drawn
 * again with replacement, a thousand times, by the same numbers in every run. `null` with fewer than two recordings, which say nothing of spread.
 */
export function bootstrapInterval<Errors>(
  errors: readonly Errors[],
  rateOf: (errors: readonly Errors[]) => number | null,
): Interval | null {
  if (errors.length < 2) return null;
  const random = seededRandom(SEED);
  const rates: number[] = [];
  for (let round = 0; round < RESAMPLES; round++) {
    const rate = rateOf(errors.map((one) => errors[Math.floor(random() * errors.length)] ?? one));
    if (rate !== null) rates.push(rate);
  }
  if (rates.length === 0) return null;
  rates.sort((a, b) => a - b);
  const at = (share: number): number => rates[Math.round(share * (rates.length - 1))] ?? 0;
  return [at(0.025), at(0.975)];
}
