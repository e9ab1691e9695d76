import { toScoredWords } from '../metrics/word-error-rate.ts';

/** How often the terms of a vocabulary are in a text that should have them. */
export interface TermCounts {
  /** Of the terms in the reference. */
  spoken: number;
  /** Of those, as many as the hypothesis has too. */
  found: number;
  /** In the hypothesis beyond those of the reference. */
  invented: number;
}

/** Counts the terms in one recording, both texts normalised as for word error rates. */
export function countTerms(terms: readonly string[], reference: string, hypothesis: string, language: string): TermCounts {
  const [spokenWords, heardWords] = [toScoredWords(reference, language), toScoredWords(hypothesis, language)];
  const counts: TermCounts = { spoken: 0, found: 0, invented: 0 };
  // Spellings that are the same to the normaliser are one term.
  for (const term of new Set(terms.map((each) => toScoredWords(each, language).join(' ')))) {
    const spoken = countOccurrences(spokenWords, term.split(' '));
    const heard = countOccurrences(heardWords, term.split(' '));
    counts.spoken += spoken;
    counts.found += Math.min(spoken, heard);
    counts.invented += Math.max(0, heard - spoken);
  }
  return counts;
}

export function addCounts(counts: readonly TermCounts[]): TermCounts {
  const sum = (key: keyof TermCounts): number => counts.reduce((total, each) => total + each[key], 0);
  return { spoken: sum('spoken'), found: sum('found'), invented: sum('invented') };
}

function countOccurrences(words: readonly string[], term: readonly string[]): number {
  return words.filter((_, start) => term.every((word, index) => words[start + index] === word)).length;
}
