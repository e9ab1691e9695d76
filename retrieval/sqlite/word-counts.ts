import type { SparseVector } from '../../contracts/transcript.ts';
import { stemWord } from '../porter-stemmer.ts';
import { hashTerm } from '../term-hash.ts';
import { toWords } from '../terms.ts';

/** How often each stem occurs in a text, by the stem's number. */
export function countWords(text: string): SparseVector {
  const counts = new Map<number, number>();
  for (const word of toWords(text)) {
    const term = toWordTerm(word);
    counts.set(term, (counts.get(term) ?? 0) + 1);
  }
  const indices = [...counts.keys()].sort((a, b) => a - b);
  return { indices, values: indices.map((term) => counts.get(term)!) };
}

/** The number of a word's stem. `word` as `toWords` gives it. */
export function toWordTerm(word: string): number {
  return hashTerm(stemWord(word));
}
