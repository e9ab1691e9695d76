import type { SparseVector } from '../../contracts/transcript.ts';
import { toSearchStems } from '../language/stems.ts';
import { countStems } from '../stem-counts.ts';
import { hashTerm } from '../term-hash.ts';

// BM25 as the SQLite index has it, but for the average length: Qdrant knows none, so a typical one of our chunks stands in for it.
// Inverse document frequency is Qdrant's part (`modifier: idf`); it counts a tenant's generations that are not active too.
const K1 = 1.2;
const B = 0.75;
const AVERAGE_WORDS = 120;

/** Term saturation of a document's stems, by the hash of each. */
export function toBm25Document(text: string): SparseVector {
  const { indices, values } = countStems(text);
  const words = values.reduce((sum, count) => sum + count, 0);
  const norm = K1 * (1 - B + (B * words) / AVERAGE_WORDS);
  return { indices, values: values.map((count) => (count * (K1 + 1)) / (count + norm)) };
}

/** One for each stem that a telling word of the question may have. */
export function toBm25Query(question: string): SparseVector {
  const indices = [...new Set(toSearchStems(question).map(hashTerm))].sort((a, b) => a - b);
  return { indices, values: indices.map(() => 1) };
}
