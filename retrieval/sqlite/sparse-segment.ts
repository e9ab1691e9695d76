import type { SparseVector } from '../../contracts/transcript.ts';
import type { TopK } from '../top-k.ts';

/**
 * Inverted lists of one lecture's chunks, immutable: compressed sparse rows by term. One blob in the file, views of it in
 * memory, so that taking in a lecture indexed by another process is one read.
 * Blob: int32 [chunks, terms, postings, 0], float64 ids [chunks], int32 term [terms], int32 offset [terms + 1],
 * int32 chunk [postings], float32 weight [postings]; platform byte order (the file never leaves its machine).
 */
export interface SparseSegment {
  /** Row id of each chunk. */
  ids: Float64Array;
  /** Ascending. */
  terms: Int32Array;
  offsets: Int32Array;
  chunks: Int32Array;
  weights: Float32Array;
}

const HEADER_BYTES = 16;

export function encodeSegment(rows: readonly { id: number; sparse: SparseVector }[]): Uint8Array {
  const counts = new Map<number, number>();
  for (const { sparse } of rows) for (const term of sparse.indices) counts.set(term, (counts.get(term) ?? 0) + 1);
  const terms = Int32Array.from(counts.keys()).sort();
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
  const int32 = (length: number): Int32Array => {
    const view = new Int32Array(bytes.buffer, at, length);
    at += 4 * length;
    return view;
  };
  at += 8 * chunks;
  const termIds = int32(terms);
  const offsets = int32(terms + 1);
  const chunkIds = int32(postings);
  return { ids, terms: termIds, offsets, chunks: chunkIds, weights: new Float32Array(bytes.buffer, at, postings) };
}

/** Offers the inner product of `query` with every chunk that shares a term (and is allowed) to `top`. */
export function scoreSegment(segment: SparseSegment, query: SparseVector, allowed: ReadonlySet<number> | null, top: TopK): void {
  const scores = new Float64Array(segment.ids.length);
  for (const [at, term] of query.indices.entries()) {
    const position = findTerm(segment.terms, term);
    if (position < 0) continue;
    const weight = query.values[at]!;
    const end = segment.offsets[position + 1]!;
    for (let slot = segment.offsets[position]!; slot < end; slot++) {
      scores[segment.chunks[slot]!]! += weight * segment.weights[slot]!;
    }
  }
  for (let chunk = 0; chunk < scores.length; chunk++) {
    const id = segment.ids[chunk]!;
    if (scores[chunk]! > 0 && (allowed === null || allowed.has(id))) top.offer(id, scores[chunk]!);
  }
}

function findTerm(terms: Int32Array, term: number): number {
  let low = 0;
  let high = terms.length - 1;
  while (low <= high) {
    const middle = (low + high) >> 1;
    const found = terms[middle]!;
    if (found === term) return middle;
    if (found < term) low = middle + 1;
    else high = middle - 1;
  }
  return -1;
}
