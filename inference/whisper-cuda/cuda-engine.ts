import type { Segment } from '../../contracts/transcript.ts';
import { openWhisperCudaModel, type HeardAudio } from '../graphs/whisper-cuda/model.ts';
import { readLanguages } from '../whisper/language-guess.ts';
import { createLogMel, WINDOW_FRAMES } from '../whisper/log-mel.ts';
import type { HearingOptions, WhisperEngine, WindowsTranscript } from '../whisper/whisper-engine.ts';
import { readWhisperLanguage } from '../whisper/whisper-folder.ts';
import { decideLanguages } from '../whisper/window-languages.ts';
import type { Attempt } from '../whisper/window-quality.ts';
import { timeAttempt } from '../whisper/window-words.ts';
import { decodeRows, padded, type CudaRecognizer } from './cuda-attempts.ts';
import { createFittingHearing } from './fitting-batches.ts';
import { openVerified } from './open-verified.ts';
import { toContext } from './vocabulary-prompt.ts';

const SAMPLE_RATE = 16_000;
/** The only language of a model without language tokens. */
const ENGLISH = 'en';

export interface WhisperCudaInit {
  /** Folder of the graphs that `buildWhisperCudaGraphs` wrote. */
  graphDir: string;
  /** Folder of the model that they were written from. */
  modelDir: string;
  provider: 'cuda' | 'cpu';
  threads: number;
}

/** Whisper with its decoding loop on the device, in a worker thread. Calls run one after another. */
export async function createEngine({ graphDir, modelDir, provider, threads }: WhisperCudaInit): Promise<WhisperEngine> {
  const { tokenizer, suppressions } = await readWhisperLanguage(modelDir);
  const options = { provider, threads };
  const model =
    provider === 'cpu' ? await openWhisperCudaModel(graphDir, options) : await openVerified(graphDir, options, tokenizer.special.endOfText);
  const hearing = new WindowHearing({ model, tokenizer, suppressions });
  let last: Promise<unknown> = Promise.resolve();
  return {
    languages: async () => hearing.languages,
    transcribe(windows, wanted) {
      const next = last.then(() => hearing.transcribe(windows, wanted));
      last = next.catch(() => undefined);
      return next;
    },
  };
}

class WindowHearing {
  readonly languages: string[];
  readonly #recognizer: CudaRecognizer;
  readonly #logMel: (samples: Float32Array) => Float32Array;

  constructor(recognizer: CudaRecognizer) {
    this.#recognizer = recognizer;
    this.#logMel = createLogMel(recognizer.model.shape.melBins);
    const known = recognizer.tokenizer.languages;
    this.languages = known.size === 0 ? [ENGLISH] : [...known.keys()];
  }

  readonly transcribe = createFittingHearing((windows, options) => this.#transcribeAtOnce(windows, options));

  async #transcribeAtOnce(windows: readonly Float32Array[], options: HearingOptions): Promise<WindowsTranscript> {
    const { model, tokenizer } = this.#recognizer;
    const frameCount = model.shape.melBins * WINDOW_FRAMES;
    const mel = new Float32Array(windows.length * frameCount);
    for (const [row, samples] of windows.entries()) mel.set(this.#logMel(samples), row * frameCount);
    const audio = await model.encode(mel, windows.length);
    const seconds = windows.map((samples) => samples.length / SAMPLE_RATE);
    const guesses = options.languages === null ? await this.#guess(audio) : [];
    const evidence = guesses.map((probabilities, index) => ({ probabilities, seconds: seconds[index]! }));
    const languages = options.languages ?? decideLanguages(evidence, this.languages, options.expectedLanguage).ofWindows;
    const context = toContext(options.vocabulary, tokenizer);
    const attempts = await decodeRows(this.#recognizer, { audio, seconds, languages, context });
    return { languages: [...languages], languageProbabilities: guesses, segments: await this.#time(audio, attempts, seconds, languages) };
  }

  async #guess(audio: HeardAudio): Promise<Float64Array[]> {
    const { model, tokenizer } = this.#recognizer;
    if (this.languages.length === 1) return Array.from({ length: audio.rows }, () => Float64Array.of(1));
    const { vocabulary } = model.shape;
    const starts = Array.from({ length: audio.rows }, () => [tokenizer.special.startOfTranscript, tokenizer.special.noTimestamps]);
    const { startLogits } = await model.score(audio, starts, 0, new Float32Array(vocabulary));
    return readLanguages(startLogits, vocabulary, tokenizer.languages);
  }

  /** Words with times in seconds of their window, all rows in one pass over their final tokens. */
  async #time(
    audio: HeardAudio,
    attempts: readonly (Attempt | undefined)[],
    seconds: readonly number[],
    languages: readonly string[],
  ): Promise<Segment[][]> {
    const { model, tokenizer } = this.#recognizer;
    const { endOfText, noTimestamps } = tokenizer.special;
    const rows = attempts.map((each, row) => [...tokenizer.startSequence(languages[row]!), noTimestamps, ...(each?.decoded.tokens ?? [])]);
    const promptLength = tokenizer.startSequence(languages[0]!).length + 1;
    const tokens = Math.max(...rows.map((row) => row.length)) + 1;
    if (tokens === promptLength + 1) return attempts.map(() => []);
    const { qk } = await model.attend(
      audio,
      rows.map((row) => padded(row, tokens, endOfText)),
    );
    const heads = model.shape.alignmentHeads.length;
    const size = qk.length / rows.length;
    const columns = size / heads / tokens;
    return attempts.map((each, row) => {
      const attention = { scores: qk.subarray(row * size, (row + 1) * size), heads, tokens, columns };
      return each === undefined
        ? []
        : timeAttempt(tokenizer, each, { attention, promptLength, seconds: seconds[row]!, language: languages[row]! });
    });
  }
}
