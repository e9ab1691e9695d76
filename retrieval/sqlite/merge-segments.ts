import type { SparseSegment } from './sparse-segment.ts';

/**
 * One segment that holds what several do, without what is gone: chunks in the order of the segments. A question then looks each
 * of its terms up once, and reads its postings in one run, where a thousand lectures would be a thousand places in memory.
 */
export function mergeSegments(segments: readonly SparseSegment[]): SparseSegment {
  const { ids, places } = placeChunks(segments);
  const counts = countPostings(segments);
  const terms = Uint32Array.from(counts.keys()).sort();
  const offsets = new Int32Array(terms.length + 1);
  for (const [at, term] of terms.entries()) {
    offsets[at + 1] = offsets[at]! + counts.get(term)!;
    // From now on: where the term's next posting goes.
    counts.set(term, offsets[at]!);
  }
  const merged = { ids, terms, offsets, chunks: new Int32Array(offsets.at(-1)!), weights: new Float32Array(offsets.at(-1)!) };
  for (const [at, segment] of segments.entries()) appendPostings(merged, counts, segment, places[at]!);
  return merged;
}

/** The live chunks' ids, and for each segment where its chunks have gone (-1: nowhere). */
function placeChunks(segments: readonly SparseSegment[]): { ids: Float64Array; places: Int32Array[] } {
  const ids: number[] = [];
  const places = segments.map((segment) => Int32Array.from(segment.ids, (id) => (id < 0 ? -1 : ids.push(id) - 1)));
  return { ids: Float64Array.from(ids), places };
}

/** Live postings by term. */
function countPostings(segments: readonly SparseSegment[]): Map<number, number> {
  const counts = new Map<number, number>();
  for (const { ids, terms, offsets, chunks } of segments) {
    const isWhole = ids.every((id) => id >= 0);
    for (let at = 0; at < terms.length; at++) {
      let live = offsets[at + 1]! - offsets[at]!;
      if (!isWhole) for (let slot = offsets[at]!; slot < offsets[at + 1]!; slot++) if (ids[chunks[slot]!]! < 0) live -= 1;
      if (live > 0) counts.set(terms[at]!, (counts.get(terms[at]!) ?? 0) + live);
    }
  }
  return counts;
}

function appendPostings(
  into: SparseSegment,
  next: Map<number, number>,
  { terms, offsets, chunks, weights }: SparseSegment,
  places: Int32Array,
): void {
  for (let at = 0; at < terms.length; at++) {
    let slot = next.get(terms[at]!);
    if (slot === undefined) continue;
    for (let from = offsets[at]!; from < offsets[at + 1]!; from++) {
      const chunk = places[chunks[from]!]!;
      if (chunk < 0) continue;
      into.chunks[slot] = chunk;
      into.weights[slot] = weights[from]!;
      slot += 1;
    }
    next.set(terms[at]!, slot);
  }
}
