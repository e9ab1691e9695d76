import type { RankedQuote } from './quote-ranker.ts';
import type { FoundPassage } from './search.ts';

// PLACEHOLDER until calibrated.
export function isRelevant(passages: readonly FoundPassage[], ranked: readonly RankedQuote[]): boolean {
  return passages.length > 0 && ranked.length > 0;
}
