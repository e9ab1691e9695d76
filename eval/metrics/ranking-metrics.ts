/** Gain of each relevant item by its id, above 0; what is not named is irrelevant. */
export type Relevance = ReadonlyMap<string, number>;

/** Share of the first `k` places that hold something relevant; places that are empty count as misses. */
export function precisionAt(k: number, ranking: readonly string[], relevance: Relevance): number {
  return countRelevant(k, ranking, relevance) / k;
}

/** Share of what is relevant that the first `k` places hold. */
export function recallAt(k: number, ranking: readonly string[], relevance: Relevance): number {
  return relevance.size === 0 ? 0 : countRelevant(k, ranking, relevance) / relevance.size;
}

/** 1 where the first `k` places hold anything relevant, else 0: its mean is the hit rate. */
export function hitAt(k: number, ranking: readonly string[], relevance: Relevance): number {
  return countRelevant(k, ranking, relevance) > 0 ? 1 : 0;
}

/** 1 / rank of the first relevant item, 0 where the first `k` places hold none. */
export function reciprocalRankAt(k: number, ranking: readonly string[], relevance: Relevance): number {
  const index = ranking.slice(0, k).findIndex((id) => relevance.has(id));
  return index === -1 ? 0 : 1 / (index + 1);
}

/**
 * Normalised discounted cumulative gain (Järvelin and Kekäläinen 2002) with linear gain and a discount of log2(rank + 1),
 * against the best order there is; 0 where nothing is relevant. As trec_eval's `ndcg_cut`.
 */
export function ndcgAt(k: number, ranking: readonly string[], relevance: Relevance): number {
  const ideal = discountedGain([...relevance.values()].toSorted((a, b) => b - a).slice(0, k));
  return ideal === 0 ? 0 : discountedGain(ranking.slice(0, k).map((id) => relevance.get(id) ?? 0)) / ideal;
}

function countRelevant(k: number, ranking: readonly string[], relevance: Relevance): number {
  return ranking.slice(0, k).filter((id) => relevance.has(id)).length;
}

function discountedGain(gains: readonly number[]): number {
  return gains.reduce((sum, gain, index) => sum + gain / Math.log2(index + 2), 0);
}
