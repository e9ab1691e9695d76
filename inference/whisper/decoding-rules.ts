import type { TermBias } from './term-bias.ts';
import type { SpecialTokens } from './tokenizer.ts';
import { SECONDS_PER_TIMESTAMP } from './tokenizer.ts';

/** The first time of a window may not be later: Whisper would skip speech at its start. */
const MAX_INITIAL_TIMESTAMP_SECONDS = 1;

/** Token ids `[start, end)`. */
export interface TokenRange {
  start: number;
  end: number;
}

/** What may come next: plain or control tokens from one range, times from the other. Either may be empty. */
export interface AllowedTokens {
  text: TokenRange;
  timestamps: TokenRange;
}

export interface DecodingRules {
  special: SpecialTokens;
  /** Never sampled. */
  suppressed: readonly number[];
  /** Not sampled first: nothing but a blank or the end. */
  suppressedFirst: readonly number[];
  /** Whether time tokens are part of the text, as Whisper's grammar has them; else there are none. */
  timestamps: boolean;
  /** 0 takes the likeliest token, more draws. */
  temperature: number;
  seed: number;
  /** Terms that the text leans towards. */
  bias?: TermBias | undefined;
}

const NOTHING: TokenRange = { start: 0, end: 0 };

/**
 * Whisper's grammar of times: a window begins with one; they come in pairs around text, or once before the end; they never go back.
 * `sampled` are the tokens after the prompt. Source: openai/whisper `ApplyTimestampRules`.
 */
export function allowedTokens(sampled: readonly number[], special: SpecialTokens, vocabularySize: number): AllowedTokens {
  const { timestampBegin, endOfText } = special;
  if (sampled.length === 0) {
    const latest = timestampBegin + Math.round(MAX_INITIAL_TIMESTAMP_SECONDS / SECONDS_PER_TIMESTAMP);
    return { text: NOTHING, timestamps: { start: timestampBegin, end: Math.min(vocabularySize, latest + 1) } };
  }
  const isTime = (token: number | undefined): boolean => token === undefined || token >= timestampBegin;
  const anyText: TokenRange = { start: 0, end: timestampBegin };
  const lastTime = sampled.findLast((token) => token >= timestampBegin) ?? timestampBegin - 1;
  if (!isTime(sampled.at(-1))) {
    return { text: anyText, timestamps: { start: lastTime + 1, end: vocabularySize } };
  }
  // After a pair only text can come; after a single time only its twin, a later one, or the end.
  if (isTime(sampled.at(-2))) return { text: anyText, timestamps: NOTHING };
  return { text: { start: endOfText, end: timestampBegin }, timestamps: { start: lastTime, end: vocabularySize } };
}

/** Plain tokens and the end: for text without times. */
function textOnly(special: SpecialTokens): AllowedTokens {
  return { text: { start: 0, end: special.timestampBegin }, timestamps: NOTHING };
}

/**
 * Takes out of `logits` (over the vocabulary, overwritten) what may never follow `sampled`, the tokens after the prompt, and
 * names the ranges that what is left lies in.
 */
export function forbid(logits: Float32Array, sampled: readonly number[], rules: DecodingRules): AllowedTokens {
  const { special } = rules;
  for (const token of rules.suppressed) logits[token] = Number.NEGATIVE_INFINITY;
  logits[special.noTimestamps] = Number.NEGATIVE_INFINITY;
  if (sampled.length === 0) for (const token of rules.suppressedFirst) logits[token] = Number.NEGATIVE_INFINITY;
  return rules.timestamps ? allowedTokens(sampled, special, logits.length) : textOnly(special);
}

/** A loop is this many equal stretches in a row. */
const LOOP_REPEATS = 6;
const MAX_LOOP_PERIOD = 24;
/** Short stretches repeat in honest speech ("no, no, no, no"): a loop is at least this long in all. */
const MIN_LOOP_TOKENS = 24;

/** Whether `tokens` end in a stretch that repeats itself, as Whisper does when it is lost. */
export function endsInLoop(tokens: readonly number[]): boolean {
  for (let period = 1; period <= MAX_LOOP_PERIOD; period++) {
    const length = Math.max(period * LOOP_REPEATS, MIN_LOOP_TOKENS);
    if (length > tokens.length) break;
    let same = true;
    for (let i = tokens.length - length + period; i < tokens.length && same; i++) same = tokens[i] === tokens[i - period];
    if (same) return true;
  }
  return false;
}
