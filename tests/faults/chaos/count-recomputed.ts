import type { InferenceCall } from '../fault-models.ts';

/** Pieces that were begun again, each time counted: every begin of a piece but its first. */
export function countRecomputed(calls: readonly InferenceCall[]): number {
  return calls.length - new Set(calls.map(({ hertz, pieceStartSeconds }) => `${hertz}/${pieceStartSeconds}`)).size;
}
