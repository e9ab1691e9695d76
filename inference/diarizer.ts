import type { SpeakerCount } from '../contracts/lecture.ts';
import type { Diarization } from '../contracts/transcript.ts';
import type { ModelIdentity } from './model-identity.ts';
import type { PcmSource } from './pcm-source.ts';

export interface DiarizeOptions {
  /** Exact number or bounds of speakers; found when absent. */
  speakers?: SpeakerCount;
  /** Left and right of a recording whose channels may be one speaker each; `audio` is both mixed. */
  channels?: readonly [PcmSource, PcmSource];
  signal?: AbortSignal;
  onProgress?: (doneSeconds: number) => void;
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
  diarize(audio: PcmSource, options?: DiarizeOptions): Promise<Diarization>;
  /**
   * How the speakers of a diarization of `audio` sound, from the speech that is theirs alone. These are biometric data: to be
   * asked for only where a tenant has opted in.
   */
  measureVoices(audio: PcmSource, diarization: Diarization, signal?: AbortSignal): Promise<Voices>;
  close(): Promise<void>;
}
