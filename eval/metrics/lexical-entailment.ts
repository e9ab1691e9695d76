import { stemWord } from '../../retrieval/porter-stemmer.ts';
import { toSearchTerms } from '../../retrieval/terms.ts';

/** Share of a claim's telling words that must be in what is to bear it out. */
const MIN_HELD = 0.6;

/**
 * Whether `premise` bears out `claim`, as far as words can tell: most of the claim's words that are no function words stand
 * in the premise, stemmed, and all of its numbers do. No model of meaning: a paraphrase fails it, a negation passes.
 */
export function entailsLexically(premise: string, claim: string): boolean {
  const wanted = toTerms(claim);
  if (wanted.length === 0) return false;
  const held = new Set(toTerms(premise));
  const numbers = wanted.filter((term) => /\d/.test(term));
  return numbers.every((number) => held.has(number)) && wanted.filter((term) => held.has(term)).length >= MIN_HELD * wanted.length;
}

function toTerms(text: string): string[] {
  return toSearchTerms(text).map((term) => stemWord(term));
}
