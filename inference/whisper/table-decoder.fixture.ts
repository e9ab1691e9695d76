import type { DecodingRules } from './decoding-rules.ts';
import type { RowDecoder } from './greedy-decode.ts';
import { seededRandom } from './token-choice.ts';

/** Tokens that text is made of; the end follows them. */
export const PLAIN_TOKENS = 3;
const END = PLAIN_TOKENS;
const VOCABULARY = END + 6;

export const tableRules: DecodingRules = {
  special: {
    endOfText: END,
    startOfTranscript: END + 1,
    transcribe: END + 2,
    noSpeech: END + 3,
    noTimestamps: END + 4,
    timestampBegin: END + 5,
  },
  suppressed: [END + 1, END + 2, END + 3],
  suppressedFirst: [],
  timestamps: false,
  temperature: 0,
  seed: 1,
};

/** A language model in small: what follows a text is drawn at random from the window's seed and the text, and always the same. */
export class TableDecoder implements RowDecoder {
  readonly vocabularySize = VOCABULARY;
  readonly maxTokens: number;
  readonly #windows: readonly number[];
  #rows: { window: number; tokens: number[] }[];

  constructor(windows: readonly number[], maxTokens: number) {
    this.maxTokens = maxTokens;
    this.#windows = windows;
    this.#rows = windows.map((_, window) => ({ window, tokens: [] }));
  }

  start(): Float32Array {
    return this.#logits();
  }

  async step(tokens: readonly number[]): Promise<Float32Array> {
    if (tokens.length !== this.#rows.length) throw new Error(`${tokens.length} tokens for ${this.#rows.length} rows`);
    this.#rows = this.#rows.map(({ window, tokens: before }, row) => ({ window, tokens: [...before, tokens[row]!] }));
    return this.#logits();
  }

  keepRows(rows: readonly number[]): void {
    this.#rows = rows.map((row) => this.#rows[row]!);
  }

  /** Of each plain token and the end after `tokens`. */
  logProbabilities(window: number, tokens: readonly number[]): number[] {
    const logits = this.#next(window, tokens);
    const sum = logits.reduce((total, logit) => total + Math.exp(logit), 0);
    return logits.map((logit) => logit - Math.log(sum));
  }

  #next(window: number, tokens: readonly number[]): number[] {
    let seed = this.#windows[window]! + 1;
    for (const token of tokens) seed = (Math.imul(seed, 31) + token + 1) >>> 0;
    const random = seededRandom(seed);
    return Array.from({ length: PLAIN_TOKENS + 1 }, () => Math.fround(4 * random()));
  }

  #logits(): Float32Array {
    const logits = new Float32Array(this.#rows.length * VOCABULARY).fill(9);
    for (const [row, { window, tokens }] of this.#rows.entries()) logits.set(this.#next(window, tokens), row * VOCABULARY);
    return logits;
  }
}
