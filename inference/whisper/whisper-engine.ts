import type { Segment } from '../../contracts/transcript.ts';
import { openWhisperModel } from '../graphs/whisper-model.ts';
import { guessLanguages } from './language-guess.ts';
import { createLogMel, WINDOW_FRAMES } from './log-mel.ts';
import type { Recognizer } from './recognizer.ts';
import { readWhisperLanguage } from './whisper-folder.ts';
import { decodeRows } from './window-attempts.ts';
import { alignRows } from './window-words.ts';

const SAMPLE_RATE = 16_000;
/** The only language of a model without language tokens. */
const ENGLISH = 'en';

export interface WhisperInit {
  /** Folder of the graphs that `buildWhisperGraphs` wrote. */
  graphDir: string;
  /** Folder of the model that they were written from: its vocabulary and what it suppresses. */
  modelDir: string;
  /** Threads of the encoder, which engines share: one alone uses all cores, several at once take turns. */
  threads: number;
  /** Threads of the decoder. */
  decoderThreads: number;
}

export interface WindowsTranscript {
  /** The language the words were decoded in. */
  language: string;
  /** Probability of each of `languages()` in each window; empty when the language was given. */
  languageProbabilities: Float64Array[];
  /** Of each window, in seconds of the window. */
  segments: Segment[][];
}

export interface WhisperEngine {
  /** Codes this model knows. */
  languages(): Promise<string[]>;
  /** `windows`: samples of at most 30 s each, decoded side by side. `language` null: the likeliest over all of them. */
  transcribe(windows: Float32Array[], language: string | null): Promise<WindowsTranscript>;
}

/** Whisper in a worker thread: features, decoding and word times, all off the thread that serves. Calls run one after another. */
export async function createEngine(init: WhisperInit): Promise<WhisperEngine> {
  const { tokenizer, suppressions } = await readWhisperLanguage(init.modelDir);
  const model = await openWhisperModel(init.graphDir, { threads: init.threads, decoderThreads: init.decoderThreads, sharesCores: true });
  const recognizer: Recognizer = { model, tokenizer, suppressions };
  const languages = tokenizer.languages.size === 0 ? [ENGLISH] : [...tokenizer.languages.keys()];
  const logMel = createLogMel(model.shape.melBins);

  async function transcribe(windows: Float32Array[], language: string | null): Promise<WindowsTranscript> {
    const frameCount = model.shape.melBins * WINDOW_FRAMES;
    const mel = new Float32Array(windows.length * frameCount);
    for (const [row, samples] of windows.entries()) mel.set(logMel(samples), row * frameCount);
    const audio = await model.encode(mel, windows.length);
    const guesses = language === null && languages.length > 1 ? await guessLanguages(recognizer, audio) : [];
    const chosen = language ?? likeliest(languages, guesses);
    const seconds = windows.map((samples) => samples.length / SAMPLE_RATE);
    const attempts = await decodeRows(recognizer, audio, seconds, chosen);
    return {
      language: chosen,
      languageProbabilities: guesses,
      segments: await alignRows(recognizer, audio, attempts, seconds, chosen),
    };
  }

  let last: Promise<unknown> = Promise.resolve();
  return {
    languages: async () => languages,
    transcribe(windows, language) {
      const next = last.then(() => transcribe(windows, language));
      last = next.catch(() => undefined);
      return next;
    },
  };
}

/** The language with the highest probability over all windows. */
export function likeliest(languages: readonly string[], guesses: readonly Float64Array[]): string {
  const total = (index: number): number => guesses.reduce((sum, guess) => sum + guess[index]!, 0);
  let best = 0;
  for (let index = 1; index < languages.length; index++) if (total(index) > total(best)) best = index;
  return languages[best]!;
}
