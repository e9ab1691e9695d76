import type { IndexedChunk } from '../vector-index.ts';

/** A number of ours, never a name of theirs. */
export function termsTable(tenant: number): string {
  return `terms_${tenant}`;
}

/** A chunk as parameters of the `chunks` table. */
export function toChunkRow(chunk: IndexedChunk) {
  return {
    ordinal: chunk.ordinal,
    speaker: chunk.speaker,
    speakerName: chunk.speakerName ?? null,
    startSeconds: chunk.startSeconds,
    endSeconds: chunk.endSeconds,
    text: chunk.text,
    context: chunk.context,
    words: JSON.stringify(chunk.words),
    dense: new Uint8Array(chunk.dense.buffer, chunk.dense.byteOffset, chunk.dense.byteLength),
    sparse: JSON.stringify(chunk.sparse),
  };
}
