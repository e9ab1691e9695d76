import type { LegHit } from '../vector-index.ts';

/** Damping of reciprocal ranks: Cormack, Clarke and Büttcher, SIGIR 2009. */
const RRF_K = 60;

/** Reciprocal rank fusion's 1 / (60 + rank): ranks and not scores, so that nothing needs to be known of a leg's scale. */
export function byReciprocalRank(hits: readonly LegHit[]): number[] {
  return hits.map((_, index) => 1 / (RRF_K + index + 1));
}

/** Scores stretched so that the leg's best hit is worth 1 and its last 0; hits that all score alike are all its best. */
export function byMinMax(hits: readonly LegHit[]): number[] {
  const scores = hits.map(({ score }) => score);
  const lowest = Math.min(...scores);
  const range = Math.max(...scores) - lowest;
  return scores.map((score) => (range > 0 ? (score - lowest) / range : 1));
}

/**
 * Distribution-based score fusion, as Qdrant has it: 0 at three standard deviations below the mean of the leg's scores and 1 at
 * three above, which one outlier cannot stretch. A half where they all score alike.
 */
export function byDistribution(hits: readonly LegHit[]): number[] {
  const scores = hits.map(({ score }) => score);
  const mean = scores.reduce((sum, score) => sum + score, 0) / scores.length;
  const variance = scores.reduce((sum, score) => sum + (score - mean) ** 2, 0) / Math.max(scores.length - 1, 1);
  const reach = 3 * Math.sqrt(variance);
  return scores.map((score) => (reach > 0 ? Math.max(0, (score - mean + reach) / (2 * reach)) : 0.5));
}
