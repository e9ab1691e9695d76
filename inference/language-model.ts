export interface GenerateRequest {
  system: string;
  prompt: string;
  maxTokens: number;
  /** The text ends before the first of these; the sequence itself is not part of it. */
  stop?: readonly string[];
  /** Shown to a model that only continues text, which learns the task from them; one that follows instructions needs none. */
  examples?: readonly { prompt: string; reply: string }[];
  /** JSON schema the answer must follow, where the server supports it. */
  format?: Record<string, unknown>;
  signal?: AbortSignal;
  /** Told the name of the model that writes, before its first piece of text: of a chain it is one of several. */
  onModel?: (name: string) => void;
}

/**
 * A text generator. Errors: `unavailable` when its server cannot be reached, stalls or breaks off, `rate-limited`,
 * `model-missing`, `invalid-input` for a request it refuses.
 */
export interface LanguageModel {
  /** `<provider>/<model>`, shown to readers of generated text. */
  readonly name: string;
  /** The text piece by piece, as it is written. Leaving the loop ends the generation. */
  stream(request: GenerateRequest): AsyncIterable<string>;
  /** The whole text. */
  generate(request: GenerateRequest): Promise<string>;
  health(): Promise<void>;
}

/** A language model from its stream: the whole text is what the stream adds up to. */
export function toLanguageModel(model: Omit<LanguageModel, 'generate'>): LanguageModel {
  return {
    ...model,
    async generate(request) {
      let text = '';
      for await (const piece of model.stream(request)) text += piece;
      return text;
    },
  };
}
