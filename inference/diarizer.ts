import type { SpeakerCount } from '../contracts/lecture.ts';
import type { Diarization } from '../contracts/transcript.ts';
import type { ModelIdentity } from './model-identity.ts';
import type { PcmSource } from './pcm-source.ts';

export interface DiarizeOptions {
  /** Exact number or bounds of speakers; found when absent. */
  speakers?: SpeakerCount;
  signal?: AbortSignal;
  onProgress?: (doneSeconds: number) => void;
  /** Also measure each speaker's voice. These are biometric data: off unless the tenant has opted in. */
  withVoices?: boolean;
}

/** How a speaker of the recording sounds. */
export interface SpeakerVoice {
  /** As in the diarization: `S1`, `S2`, ... */
  speaker: string;
  /** Of unit length, [192]. */
  vector: Float32Array;
  /** Speech of this speaker alone that the vector was made of. */
  cleanSeconds: number;
}

export interface Voices {
  /** What the vectors were made with: those of another identity are never compared. */
  model: ModelIdentity;
  /** Whoever has a second of clean speech. */
  speakers: SpeakerVoice[];
}

/** Who spoke when. */
export interface Diarizer {
  readonly model: ModelIdentity;
  /** `voices` is there when it was asked for. */
  diarize(audio: PcmSource, options?: DiarizeOptions): Promise<Diarization & { voices?: Voices }>;
  close(): Promise<void>;
}
