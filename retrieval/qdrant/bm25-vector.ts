import type { SparseVector } from '../../contracts/transcript.ts';
import { stemWord } from '../porter-stemmer.ts';
import { hashTerm } from '../term-hash.ts';
import { toSearchTerms, toWords } from '../terms.ts';

// BM25 as the SQLite index has it, but for the average length: Qdrant knows none, so a typical one of our chunks stands in for it.
// Inverse document frequency is Qdrant's part (`modifier: idf`); it counts a tenant's generations that are not active too.
const K1 = 1.2;
const B = 0.75;
const AVERAGE_WORDS = 120;

/** Term saturation of a document's stems, by the hash of each. */
export function toBm25Document(text: string): SparseVector {
  const words = toWords(text);
  const counts = new Map<number, number>();
  for (const word of words) {
    const index = hashTerm(stemWord(word));
    counts.set(index, (counts.get(index) ?? 0) + 1);
  }
  const norm = K1 * (1 - B + (B * words.length) / AVERAGE_WORDS);
  const entries = [...counts].sort(([a], [b]) => a - b);
  return { indices: entries.map(([index]) => index), values: entries.map(([, count]) => (count * (K1 + 1)) / (count + norm)) };
}

/** One for each telling term of the question. */
export function toBm25Query(question: string): SparseVector {
  const indices = [...new Set(toSearchTerms(question).map((term) => hashTerm(stemWord(term))))].sort((a, b) => a - b);
  return { indices, values: indices.map(() => 1) };
}
