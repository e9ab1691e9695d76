import { fitsAnswerType } from './answer-type.ts';
import type { RankedQuote } from './quote-ranker.ts';
import type { FoundPassage } from './read-passages.ts';

// A logistic model of "the lectures answer this", fitted on 240 questions of Spoken-SQuAD (word error rate 22.7) and XQuAD,
// each asked once of all articles and once of all but its own, with MiniLM vectors. At a probability of 0.2 it keeps .97 of
// the answerable and refuses .89 of the others; fitted on one set alone it kept .95 to .98 of the other. The threshold
// leans towards answering: a passage shown in vain costs less than a right one withheld.
const WEIGHTS = { passageSimilarity: 8.96, quoteSimilarity: 12.68, overlap: 6.96 };
const BIAS = -13.02;
const MIN_PROBABILITY = 0.2;

/** Where a number or a time is asked for and the best quote has none: it is then about the thing, and not about how many there are. */
const MIN_PROBABILITY_WITHOUT_TYPE = 0.9;

/** Whether what was found is about the question at all. Needs the dense leg. */
export function isRelevant(question: string, passages: readonly FoundPassage[], ranked: readonly RankedQuote[]): boolean {
  const best = ranked[0]?.quote;
  if (passages.length === 0 || best === undefined) return false;
  const passageSimilarity = Math.max(...passages.map(({ hit }) => hit.legs.dense?.score ?? 0));
  const quoteSimilarity = Math.max(...ranked.map(({ similarity }) => similarity));
  const overlap = Math.max(...ranked.map((quote) => quote.overlap));
  const logOdds =
    BIAS + WEIGHTS.passageSimilarity * passageSimilarity + WEIGHTS.quoteSimilarity * quoteSimilarity + WEIGHTS.overlap * overlap;
  const needed = fitsAnswerType(question, best.text) === 0 ? MIN_PROBABILITY_WITHOUT_TYPE : MIN_PROBABILITY;
  return 1 / (1 + Math.exp(-logOdds)) >= needed;
}
