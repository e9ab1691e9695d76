import type { TopK } from '../top-k.ts';
import type { PostingLists } from './posting-lists.ts';
import { findPostings, offerScores, type SparseSegment } from './sparse-segment.ts';

// BM25 as Robertson and Zaragoza have it ("The Probabilistic Relevance Framework", 2009), with Lucene's inverse document frequency,
// which never falls below 0. All counts are of what the tenant's readers see now.
const K1 = 1.2;
const B = 0.75;

/** Words of each chunk: the sums of its counts. A segment's postings never change, so neither do these. */
const lengthsOf = new WeakMap<SparseSegment, Float32Array>();

/** Offers the BM25 score of every chunk that holds one of `terms` (and is allowed) to `top`. */
export function scoreWords({ segments }: PostingLists, terms: readonly number[], allowed: ReadonlySet<number> | null, top: TopK): void {
  const { chunks, averageWords } = measure(segments);
  const weights = terms.map((term) => {
    const holding = segments.reduce((sum, segment) => sum + countHolding(segment, term), 0);
    return Math.log(1 + (chunks - holding + 0.5) / (holding + 0.5));
  });
  for (const segment of segments) {
    const scores = new Float64Array(segment.ids.length);
    const lengths = toLengths(segment);
    for (const [at, term] of terms.entries()) {
      const { from, to } = findPostings(segment, term);
      for (let slot = from; slot < to; slot++) {
        const chunk = segment.chunks[slot]!;
        const count = segment.weights[slot]!;
        scores[chunk]! += (weights[at]! * count * (K1 + 1)) / (count + K1 * (1 - B + (B * lengths[chunk]!) / averageWords));
      }
    }
    offerScores(segment.ids, scores, allowed, top);
  }
}

/** Ids of the chunks that hold one of each list of terms, and are allowed. */
export function findHolding(
  { segments }: PostingLists,
  lists: readonly (readonly number[])[],
  allowed: ReadonlySet<number> | null,
): number[] {
  return segments.flatMap((segment) => {
    // How many of the lists each chunk meets, without one left out on the way.
    const met = new Uint16Array(segment.ids.length);
    for (const [at, terms] of lists.entries()) {
      for (const term of terms) {
        const { from, to } = findPostings(segment, term);
        for (let slot = from; slot < to; slot++) if (met[segment.chunks[slot]!] === at) met[segment.chunks[slot]!] = at + 1;
      }
    }
    return [...segment.ids].filter((id, chunk) => id >= 0 && met[chunk] === lists.length && (allowed === null || allowed.has(id)));
  });
}

function measure(segments: readonly SparseSegment[]): { chunks: number; averageWords: number } {
  let [chunks, words] = [0, 0];
  for (const segment of segments) {
    const lengths = toLengths(segment);
    for (let chunk = 0; chunk < lengths.length; chunk++) {
      if (segment.ids[chunk]! < 0) continue;
      chunks += 1;
      words += lengths[chunk]!;
    }
  }
  return { chunks, averageWords: words / chunks || 1 };
}

function countHolding(segment: SparseSegment, term: number): number {
  const { from, to } = findPostings(segment, term);
  let holding = 0;
  for (let slot = from; slot < to; slot++) if (segment.ids[segment.chunks[slot]!]! >= 0) holding += 1;
  return holding;
}

function toLengths(segment: SparseSegment): Float32Array {
  const known = lengthsOf.get(segment);
  if (known !== undefined) return known;
  const lengths = new Float32Array(segment.ids.length);
  for (let slot = 0; slot < segment.chunks.length; slot++) lengths[segment.chunks[slot]!]! += segment.weights[slot]!;
  lengthsOf.set(segment, lengths);
  return lengths;
}
