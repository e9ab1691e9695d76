import type { Segment } from '../../contracts/transcript.ts';
import type { EncodedAudio } from '../graphs/whisper-interface.ts';
import { createWhisperModel, type WhisperSessions } from '../graphs/whisper-model.ts';
import { guessLanguages } from './language-guess.ts';
import { createLogMel, WINDOW_FRAMES } from './log-mel.ts';
import type { Recognizer } from './recognizer.ts';
import { readWhisperLanguage } from './whisper-folder.ts';
import { decideLanguages } from './window-languages.ts';
import { createVocabularyBias } from './vocabulary-bias.ts';
import { decodeRows } from './window-attempts.ts';
import { alignRows } from './window-words.ts';

const SAMPLE_RATE = 16_000;
/** The only language of a model without language tokens. */
const ENGLISH = 'en';

export interface WhisperInit {
  /** Loaded once for all engines, and released when the last has ended. */
  sessions: WhisperSessions;
  /** Folder of the model that they were written from: its vocabulary and what it suppresses. */
  modelDir: string;
  /** Hypotheses of a window that are followed side by side; 1 is greedy decoding. */
  beamWidth: number;
}

export interface WindowsTranscript {
  /** What each window was decoded in. */
  languages: string[];
  /** Probability of each of `languages()` in each window; empty when the language was given. */
  languageProbabilities: Float64Array[];
  /** Of each window, in seconds of the window. */
  segments: Segment[][];
}

export interface HearingOptions {
  /** Of each window; `null` to find them out. */
  languages: readonly string[] | null;
  /** What windows are in that are not surely in another language; `null`: what most of them sound like. */
  expectedLanguage: string | null;
  /** Names and terms that they may hold. */
  vocabulary: readonly string[];
}

export interface WhisperEngine {
  /** Codes this model knows. */
  languages(): Promise<string[]>;
  /** `windows`: samples of at most 30 s each, decoded side by side. */
  transcribe(windows: Float32Array[], options: HearingOptions): Promise<WindowsTranscript>;
}

/**
 * Silence that follows the longest window of a batch. Whisper was taught on 30 s, and ends badly where its window does: on 40 short
 * utterances 12.9 % of the words are wrong with 30 s windows and with 9 s of silence, 13.2 with 6, 13.5 with 4, 15.1 with 2 and 25 with 1,
 * at half the processor time with 9 s.
 */
const CLOSING_SECONDS = 9;

/** Mel frames, an even number, of windows that are encoded side by side. */
function melFramesOf(windows: readonly Float32Array[]): number {
  const longest = Math.max(...windows.map((samples) => samples.length));
  const frames = Math.ceil((longest / SAMPLE_RATE + CLOSING_SECONDS) * 50) * 2;
  return Math.min(WINDOW_FRAMES, frames);
}

/** Whisper in a worker thread: features, decoding and word times, all off the thread that serves. Calls run one after another. */
export async function createEngine(init: WhisperInit): Promise<WhisperEngine> {
  const { tokenizer, suppressions } = await readWhisperLanguage(init.modelDir);
  const model = createWhisperModel(init.sessions);
  const recognizer: Recognizer = { model, tokenizer, suppressions, beamWidth: init.beamWidth };
  const languages = tokenizer.languages.size === 0 ? [ENGLISH] : [...tokenizer.languages.keys()];
  const logMel = createLogMel(model.shape.melBins);

  async function guess(audio: EncodedAudio): Promise<Float64Array[]> {
    if (languages.length > 1) return guessLanguages(recognizer, audio);
    return Array.from({ length: audio.rows }, () => Float64Array.of(1));
  }

  async function transcribe(windows: Float32Array[], options: HearingOptions): Promise<WindowsTranscript> {
    const frames = melFramesOf(windows);
    const size = model.shape.melBins * frames;
    const mel = new Float32Array(windows.length * size);
    for (const [row, samples] of windows.entries()) mel.set(logMel(samples, frames), row * size);
    const audio = await model.encode(mel, windows.length);
    const guesses = options.languages === null ? await guess(audio) : [];
    const seconds = windows.map((samples) => samples.length / SAMPLE_RATE);
    const evidence = guesses.map((probabilities, index) => ({ probabilities, seconds: seconds[index]! }));
    const chosen = options.languages ?? decideLanguages(evidence, languages, options.expectedLanguage).ofWindows;
    const bias = createVocabularyBias(options.vocabulary, tokenizer);
    const attempts = await decodeRows(recognizer, { audio, seconds, languages: chosen, bias });
    return {
      languages: [...chosen],
      languageProbabilities: guesses,
      segments: await alignRows(recognizer, audio, attempts, seconds, chosen),
    };
  }

  let last: Promise<unknown> = Promise.resolve();
  return {
    languages: async () => languages,
    transcribe(windows, options) {
      const next = last.then(() => transcribe(windows, options));
      last = next.catch(() => undefined);
      return next;
    },
  };
}
