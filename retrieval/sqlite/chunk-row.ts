import type { IndexedChunk } from '../vector-index.ts';
import { toBlob } from './vector-blob.ts';

/** A chunk as parameters of the `chunks` table. */
export function toChunkRow(chunk: IndexedChunk) {
  return {
    ordinal: chunk.ordinal,
    speaker: chunk.speaker,
    speakerName: chunk.speakerName ?? null,
    role: chunk.role ?? null,
    startSeconds: chunk.startSeconds,
    endSeconds: chunk.endSeconds,
    text: chunk.text,
    context: chunk.context,
    words: JSON.stringify(chunk.words),
    dense: toBlob(chunk.dense),
    sparse: JSON.stringify(chunk.sparse),
  };
}
