import type { LectureId } from '../../contracts/identity.ts';
import type { SparseVector } from '../../contracts/transcript.ts';
import { toChunkId } from '../../retrieval/chunk-id.ts';
import type { IndexedChunk } from '../../retrieval/vector-index.ts';

export const DIMENSIONS = 8;

export function toLectureId(number: number): LectureId {
  return `lec_${number.toString(16).padStart(24, '0')}`;
}

/** Deterministic unit vector: the same seed is the same vector in every run. */
export function denseOf(seed: number): Float32Array {
  const vector = Float32Array.from({ length: DIMENSIONS }, (_, index) => Math.sin(seed * 12.9898 + index * 78.233 + 1));
  const norm = Math.hypot(...vector);
  return vector.map((value) => value / norm);
}

export function sparseOf(seed: number): SparseVector {
  const indices = [...new Set([seed % 5, 10 + (seed % 7), 30 + (seed % 3), 50])].sort((a, b) => a - b);
  return { indices, values: indices.map((index) => 0.5 + ((seed * 7 + index) % 11) / 4) };
}

/** A chunk whose text, vectors and times follow from its ordinal; ten seconds each, speakers S1 and S2 (Ada) in turn. */
export function toChunk(ordinal: number, changes: Partial<IndexedChunk> = {}): IndexedChunk {
  const words = `passage ${ordinal} about topic ${['enzymes', 'gradients', 'sonnets'][ordinal % 3]}`.split(' ');
  const startSeconds = ordinal * 10;
  return {
    ordinal,
    speaker: ordinal % 2 === 0 ? 'S1' : 'S2',
    ...(ordinal % 2 === 0 ? {} : { speakerName: 'Ada' }),
    startSeconds,
    endSeconds: startSeconds + 9,
    text: words.join(' '),
    context: null,
    words: words.map((text, index) => ({
      text,
      startSeconds: startSeconds + index,
      endSeconds: startSeconds + index + 0.5,
      confidence: 0.9,
    })),
    dense: denseOf(ordinal + 1),
    sparse: sparseOf(ordinal + 1),
    ...changes,
  };
}

export function toChunks(count: number, changes: Partial<IndexedChunk> = {}): IndexedChunk[] {
  return Array.from({ length: count }, (_, ordinal) => toChunk(ordinal, changes));
}

export function idsOf(lecture: number, generation: string, ordinals: number[]): string[] {
  return ordinals.map((ordinal) => toChunkId(toLectureId(lecture), generation, ordinal)).sort();
}
