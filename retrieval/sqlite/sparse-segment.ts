import type { SparseVector } from '../../contracts/transcript.ts';
import type { TopK } from '../top-k.ts';

/**
 * Inverted lists of chunks: compressed sparse rows by term. One blob a lecture in the file, views of it in memory, so that taking in a
 * lecture indexed by another process is one read.
 * Blob: int32 [chunks, terms, postings, 0], float64 ids [chunks], uint32 term [terms], int32 offset [terms + 1],
 * int32 chunk [postings], float32 weight [postings]; platform byte order (the file never leaves its machine).
 */
export interface SparseSegment {
  /** Row id of each chunk; -1 for one that is gone. */
  ids: Float64Array;
  /** Ascending. */
  terms: Uint32Array;
  offsets: Int32Array;
  chunks: Int32Array;
  weights: Float32Array;
}

const HEADER_BYTES = 16;

export function encodeSegment(rows: readonly { id: number; sparse: SparseVector }[]): Uint8Array {
  const counts = new Map<number, number>();
  for (const { sparse } of rows) for (const term of sparse.indices) counts.set(term, (counts.get(term) ?? 0) + 1);
  const terms = Uint32Array.from(counts.keys()).sort();
  const postings = [...counts.values()].reduce((total, count) => total + count, 0);
  const bytes = new Uint8Array(HEADER_BYTES + 8 * rows.length + 4 * (2 * terms.length + 1 + 2 * postings));
  new Int32Array(bytes.buffer, 0, 4).set([rows.length, terms.length, postings, 0]);
  const segment = decodeSegment(bytes);
  segment.terms.set(terms);
  const positions = new Map<number, number>();
  for (const [position, term] of terms.entries()) {
    positions.set(term, position);
    segment.offsets[position + 1] = segment.offsets[position]! + counts.get(term)!;
  }
  const next = segment.offsets.slice();
  for (const [chunk, { id, sparse }] of rows.entries()) {
    segment.ids[chunk] = id;
    for (const [at, term] of sparse.indices.entries()) {
      const slot = next[positions.get(term)!]!++;
      segment.chunks[slot] = chunk;
      segment.weights[slot] = sparse.values[at]!;
    }
  }
  return bytes;
}

export function decodeSegment(blob: Uint8Array): SparseSegment {
  // SQLite may hand out a view at any offset; typed arrays need theirs aligned.
  const bytes = blob.byteOffset % 8 === 0 ? blob : blob.slice();
  const [chunks = 0, terms = 0, postings = 0] = new Int32Array(bytes.buffer, bytes.byteOffset, 4);
  let at = bytes.byteOffset + HEADER_BYTES;
  const ids = new Float64Array(bytes.buffer, at, chunks);
  at += 8 * chunks;
  const termIds = new Uint32Array(bytes.buffer, at, terms);
  at += 4 * terms;
  const int32 = (length: number): Int32Array => {
    const view = new Int32Array(bytes.buffer, at, length);
    at += 4 * length;
    return view;
  };
  const offsets = int32(terms + 1);
  const chunkIds = int32(postings);
  return { ids, terms: termIds, offsets, chunks: chunkIds, weights: new Float32Array(bytes.buffer, at, postings) };
}

/** Offers the inner product of `query` with every chunk that shares a term (and is allowed) to `top`. */
export function scoreSegment(segment: SparseSegment, query: SparseVector, allowed: ReadonlySet<number> | null, top: TopK): void {
  const scores = new Float64Array(segment.ids.length);
  for (const [at, term] of query.indices.entries()) {
    const weight = query.values[at]!;
    const { from, to } = findPostings(segment, term);
    for (let slot = from; slot < to; slot++) scores[segment.chunks[slot]!]! += weight * segment.weights[slot]!;
  }
  offerScores(segment.ids, scores, allowed, top);
}

/** Offers what scored above 0, is not gone and is allowed. */
export function offerScores(ids: Float64Array, scores: Float64Array, allowed: ReadonlySet<number> | null, top: TopK): void {
  for (let chunk = 0; chunk < scores.length; chunk++) {
    const score = scores[chunk]!;
    if (score <= 0 || !top.wants(score)) continue;
    const id = ids[chunk]!;
    if (id >= 0 && (allowed === null || allowed.has(id))) top.offer(id, score);
  }
}

/** Where a term's postings lie; nowhere for a term that no chunk has. */
export function findPostings({ terms, offsets }: SparseSegment, term: number): { from: number; to: number } {
  let low = 0;
  let high = terms.length - 1;
  while (low <= high) {
    const middle = (low + high) >> 1;
    const found = terms[middle]!;
    if (found === term) return { from: offsets[middle]!, to: offsets[middle + 1]! };
    if (found < term) low = middle + 1;
    else high = middle - 1;
  }
  return { from: 0, to: 0 };
}
