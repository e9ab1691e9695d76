import type { SparseVector } from '../../contracts/transcript.ts';
import { stemWord } from '../porter-stemmer.ts';
import { toSearchTerms, toWords } from '../terms.ts';

// BM25 as FTS5 has it, but for the average length: Qdrant knows none, so a typical one of our chunks stands in for it.
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

/** FNV-1a over UTF-8, 32 bits: at a million distinct terms one in nine thousand shares its number with another. */
function hashTerm(term: string): number {
  let hash = 0x811c9dc5;
  for (const byte of Buffer.from(term)) hash = Math.imul(hash ^ byte, 0x01000193);
  return hash >>> 0;
}
