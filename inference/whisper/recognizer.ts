import type { WhisperModel } from '../graphs/whisper-interface.ts';
import type { WhisperTokenizer } from './tokenizer.ts';

/** Token ids that are never sampled, and those not sampled first (`config.json`). */
export interface Suppressions {
  always: readonly number[];
  first: readonly number[];
}

/** What the steps below work with: one open model and its vocabulary. */
export interface Recognizer {
  model: WhisperModel;
  tokenizer: WhisperTokenizer;
  suppressions: Suppressions;
  /** Hypotheses followed side by side; 1 is greedy decoding. */
  beamWidth: number;
}
