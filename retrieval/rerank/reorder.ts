import type { FoundPassage } from '../read-passages.ts';

/** The passages by new scores (of `passages`, in their order), best first, each hit with its own; ties stay as they were. */
export function reorder(passages: readonly FoundPassage[], scores: readonly number[]): FoundPassage[] {
  return passages
    .map(({ hit, chunk }, index) => ({ hit: { ...hit, score: scores[index]! }, chunk }))
    .sort((a, b) => b.hit.score - a.hit.score);
}

/** Their scores as shares of the best one's, so that what is added weighs the same after whatever fusion. */
export function relativeScores(passages: readonly FoundPassage[]): number[] {
  const best = Math.max(0, ...passages.map(({ hit }) => hit.score));
  return passages.map(({ hit }) => (best === 0 ? 0 : hit.score / best));
}

/**
 * The passages with what a judge says of the first of them: `judged`, higher is better, on any scale. The best of these gains
 * `weight` beside a fused score of 1 at most, the worst nothing, so that none of them falls behind one that was not judged.
 */
export function reorderFirst(passages: readonly FoundPassage[], judged: readonly number[], weight: number): FoundPassage[] {
  const best = Math.max(...judged);
  const spread = best - Math.min(...judged);
  const scores = relativeScores(passages).map((score, index) => {
    const judgement = judged[index];
    return judgement === undefined || spread === 0 ? score : score + weight * (1 - (best - judgement) / spread);
  });
  return reorder(passages, scores);
}
