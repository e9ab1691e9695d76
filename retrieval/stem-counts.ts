import type { SparseVector } from '../contracts/transcript.ts';
import { toStems } from './language/stems.ts';
import { hashTerm } from './term-hash.ts';

/** How often each stem occurs in a passage, by the stem's number. */
export function countStems(text: string): SparseVector {
  const counts = new Map<number, number>();
  for (const stem of toStems(text)) {
    const term = hashTerm(stem);
    counts.set(term, (counts.get(term) ?? 0) + 1);
  }
  const indices = [...counts.keys()].sort((a, b) => a - b);
  return { indices, values: indices.map((term) => counts.get(term)!) };
}
