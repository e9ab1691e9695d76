/** What is the same for every passage of a lecture; a server that keeps what it has read reads it once. */
export interface LectureOutline {
  /** Title of the lecture, where it has one. */
  title?: string;
  /** Its topics in order: when each begins, what it is about, and how it begins. */
  topics: readonly { startSeconds: number; terms: readonly string[]; opening: string }[];
}

/** A passage to situate, and what was said right before it. */
export interface PassageToSituate {
  startSeconds: number;
  speaker: string | null;
  text: string;
  before: string;
}

/**
 * One sentence for each passage that situates it in its lecture (contextual retrieval, Anthropic 2024): searched with the
 * passage, never shown as speech. Errors: those of the language model; degrading is the caller's business.
 */
export interface Contextualizer {
  /** `<provider>/<model>` and the version of the prompt: other contexts come of another name. */
  readonly name: string;
  /** Passages that one call takes, in the order of the lecture. */
  readonly batchSize: number;
  /** In the passages' order; `null` where the model wrote nothing that can be used. */
  situate(outline: LectureOutline, passages: readonly PassageToSituate[], signal?: AbortSignal): Promise<(string | null)[]>;
  /** About how many tokens a call reads and writes; whoever pays for them keeps a budget. */
  estimateTokens(outline: LectureOutline, passages: readonly PassageToSituate[]): number;
}
