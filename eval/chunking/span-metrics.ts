/**
 * Metrics of retrieval that do not depend on how a recording is cut: what is relevant is a set of words, by position. A passage is
 * relevant when it holds one of them; what a reader gets is measured in words, so that long passages do not win by their length.
 */

export interface SpanScores {
  /** nDCG at 10 with gain 1 for a passage that holds relevant words; the ideal has as many as all passages offer. */
  ndcg10: number;
  /** Whether one of the first five passages is relevant. */
  hit5: number;
  /** 1 / rank of the first relevant passage. */
  mrr: number;
  /** Relevant words among the first 250, 1,000 and 2,500 distinct words that passages hold, of as many as could be there. */
  words250: number;
  words1000: number;
  words2500: number;
}

export const SPAN_METRICS = ['ndcg10', 'hit5', 'mrr', 'words250', 'words1000', 'words2500'] as const satisfies (keyof SpanScores)[];

/**
 * @param passages positions of the words of each passage found, best first
 * @param relevant positions of the relevant words, at least one
 * @param relevantPassages how many passages of all hold one of them
 */
export function scoreSpans(passages: readonly (readonly number[])[], relevant: ReadonlySet<number>, relevantPassages: number): SpanScores {
  const gains = passages.map((words) => (words.some((word) => relevant.has(word)) ? 1 : 0));
  const first = gains.indexOf(1);
  const ideal = discountedGain(Array.from({ length: Math.min(10, relevantPassages) }, () => 1));
  return {
    ndcg10: ideal === 0 ? 0 : discountedGain(gains.slice(0, 10)) / ideal,
    hit5: gains.slice(0, 5).includes(1) ? 1 : 0,
    mrr: first < 0 ? 0 : 1 / (first + 1),
    words250: relevantShare(passages, relevant, 250),
    words1000: relevantShare(passages, relevant, 1_000),
    words2500: relevantShare(passages, relevant, 2_500),
  };
}

function relevantShare(passages: readonly (readonly number[])[], relevant: ReadonlySet<number>, budget: number): number {
  const read = new Set<number>();
  for (const word of passages.flat()) {
    read.add(word);
    if (read.size === budget) break;
  }
  return [...read].filter((word) => relevant.has(word)).length / Math.min(budget, relevant.size);
}

function discountedGain(gains: readonly number[]): number {
  return gains.reduce((sum, gain, index) => sum + gain / Math.log2(index + 2), 0);
}
