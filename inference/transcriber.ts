import type { Segment, Span } from '../contracts/transcript.ts';
import type { ModelIdentity } from './model-identity.ts';
import type { PcmSource } from './pcm-source.ts';

export interface TranscribeOptions {
  /** Code of the language that all of it is in, or `null` to find it out. */
  language: string | null;
  /** Where it is to be found out: what speech is taken to be in that is not surely in another language. */
  expectedLanguage?: string | null;
  /** Names and terms that it may hold, as they are spelled. */
  vocabulary?: readonly string[];
  /** Where someone speaks in the whole recording, ascending; nothing outside is ever transcribed. */
  speech: readonly Span[];
  /**
   * The part of the recording whose words are wanted, all of it when absent. What a transcriber hears at once depends on `speech` alone:
   * it belongs to the piece that it begins in and is heard to its end, so that words are the same wherever a recording is cut.
   */
  piece?: Span;
  signal?: AbortSignal;
  /** Called as windows finish, with seconds of the piece's speech done so far: all of them at last, never more. */
  onProgress?: (doneSeconds: number) => void;
}

export interface TranscribeOutput {
  language: string;
  /** 1 when the language was given. */
  languageProbability: number;
  segments: Segment[];
  /** In what it is less than was asked for, for people: a smaller model, say. Absent where it is all that was. */
  degradation?: string;
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
