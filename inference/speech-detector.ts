import type { Span } from '../contracts/transcript.ts';
import type { ModelIdentity } from './model-identity.ts';
import type { PcmSource } from './pcm-source.ts';

export interface DetectSpeechOptions {
  /** RMS over the active frames of the recording, where it is known: a very quiet one is amplified before it is listened to. */
  loudnessDbfs?: number;
  signal?: AbortSignal;
  onProgress?: (doneSeconds: number) => void;
}

/** Voice activity: where someone speaks, padded and merged, ascending, not overlapping. */
export interface SpeechDetector {
  readonly model: ModelIdentity;
  detect(audio: PcmSource, options?: DetectSpeechOptions): Promise<Span[]>;
  close(): Promise<void>;
}
