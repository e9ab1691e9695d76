import type { Chunk, Contexts } from '../contracts/transcript.ts';

/** What is embedded of a chunk: its context, where there is one, before its own words. */
export function toPassageTexts(chunks: readonly Chunk[], contexts: Contexts | null): string[] {
  return chunks.map((chunk) => {
    const context = contexts?.contexts[chunk.ordinal] ?? null;
    return context === null ? chunk.text : `${context}\n${chunk.text}`;
  });
}
