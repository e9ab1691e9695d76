import { bootstrapInterval, type Interval } from '../metrics/bootstrap-interval.ts';
import { hitAt, ndcgAt, precisionAt, recallAt, reciprocalRankAt, type Relevance } from '../metrics/ranking-metrics.ts';

/** Places that a system is asked for. */
export const DEPTH = 40;

const METRICS = {
  ndcg10: (ranking, relevance) => ndcgAt(10, ranking, relevance),
  r5: (ranking, relevance) => recallAt(5, ranking, relevance),
  r40: (ranking, relevance) => recallAt(DEPTH, ranking, relevance),
  mrr10: (ranking, relevance) => reciprocalRankAt(10, ranking, relevance),
  p5: (ranking, relevance) => precisionAt(5, ranking, relevance),
  hit1: (ranking, relevance) => hitAt(1, ranking, relevance),
  hit5: (ranking, relevance) => hitAt(5, ranking, relevance),
  hit20: (ranking, relevance) => hitAt(20, ranking, relevance),
} satisfies Record<string, (ranking: readonly string[], relevance: Relevance) => number>;

export type RankingScores = Record<keyof typeof METRICS, number>;

export const METRIC_NAMES = Object.keys(METRICS) as (keyof RankingScores)[];

export function scoreRanking(ranking: readonly string[], relevance: Relevance): RankingScores {
  return mapMetrics((name) => METRICS[name](ranking, relevance));
}

/** The mean over questions, each metric by itself. */
export function meanScores(scores: readonly RankingScores[]): RankingScores {
  return mapMetrics((name) => mean(scores.map((one) => one[name])));
}

/** 95 % bootstrap intervals of the means, by drawing questions again. */
export function scoreIntervals(scores: readonly RankingScores[]): Record<keyof RankingScores, Interval | null> {
  return mapMetrics((name) =>
    bootstrapInterval(
      scores.map((one) => one[name]),
      mean,
    ),
  );
}

function mapMetrics<Value>(toValue: (name: keyof RankingScores) => Value): Record<keyof RankingScores, Value> {
  return Object.fromEntries(METRIC_NAMES.map((name) => [name, toValue(name)])) as Record<keyof RankingScores, Value>;
}

export function mean(values: readonly number[]): number {
  return values.length === 0 ? 0 : values.reduce((sum, value) => sum + value, 0) / values.length;
}
