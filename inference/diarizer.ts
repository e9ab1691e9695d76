import type { SpeakerCount } from '../contracts/lecture.ts';
import type { Diarization } from '../contracts/transcript.ts';
import type { ModelIdentity } from './model-identity.ts';
import type { PcmSource } from './pcm-source.ts';

export interface DiarizeOptions {
  /** Exact number or bounds of speakers; found when absent. */
  speakers?: SpeakerCount;
  signal?: AbortSignal;
  onProgress?: (doneSeconds: number) => void;
}

/** Who spoke when. */
export interface Diarizer {
  readonly model: ModelIdentity;
  diarize(audio: PcmSource, options?: DiarizeOptions): Promise<Diarization>;
  close(): Promise<void>;
}
