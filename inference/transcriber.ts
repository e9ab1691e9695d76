import type { Segment, Span } from '../contracts/transcript.ts';
import type { ModelIdentity } from './model-identity.ts';
import type { PcmSource } from './pcm-source.ts';

export interface TranscribeOptions {
  /** Language code, or `null` to find it out from the first speech. */
  language: string | null;
  /** Where someone speaks, ascending; nothing outside is ever transcribed. */
  speech: readonly Span[];
  signal?: AbortSignal;
  /** Called as windows finish, with seconds of `speech` done so far. */
  onProgress?: (doneSeconds: number) => void;
}

export interface TranscribeOutput {
  language: string;
  /** 1 when the language was given. */
  languageProbability: number;
  segments: Segment[];
}

/** Speech to words with times. Adapter: `whisper/onnx-transcriber.ts`. */
export interface Transcriber {
  readonly model: ModelIdentity;
  /** Codes this model knows; `[]` never. */
  readonly languages: readonly string[];
  /** Times in the result are seconds from the start of `audio`. */
  transcribe(audio: PcmSource, options: TranscribeOptions): Promise<TranscribeOutput>;
  close(): Promise<void>;
}
