import type { Contexts } from '../contracts/transcript.ts';

export interface ContextualizeInput {
  /** Title of the lecture, where it has one. */
  title?: string;
  /** All passages of the lecture, in order. */
  chunks: readonly { speaker: string | null; text: string }[];
}

interface ContextualizeOptions {
  signal?: AbortSignal;
  onProgress?: (doneChunks: number) => void;
}

/**
 * One sentence for each passage that situates it in its lecture (contextual retrieval, Anthropic 2024): searched with the
 * passage, never shown as speech. Errors: those of the language model; degrading is the caller's business.
 */
export interface Contextualizer {
  /** `<provider>/<model>` and the version of the prompt: other contexts come of another name. */
  readonly name: string;
  contextualize(input: ContextualizeInput, options?: ContextualizeOptions): Promise<Contexts>;
}
