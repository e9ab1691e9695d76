export interface GenerateRequest {
  system: string;
  prompt: string;
  maxTokens: number;
  /** JSON schema the answer must follow, where the server supports it. */
  format?: Record<string, unknown>;
  signal?: AbortSignal;
}

/** A text generator. Throws `unavailable` when its server cannot be reached or stalls. */
export interface LanguageModel {
  /** `<provider>/<model>`, shown to readers of generated text. */
  readonly name: string;
  generate(request: GenerateRequest): Promise<string>;
  health(): Promise<void>;
}
