import { deflateSync } from 'node:zlib';
import type { DecodedTokens } from './greedy-decode.ts';
import type { AttentionScores } from './word-alignment.ts';

/** Text that shrinks more than this under zlib repeats itself. */
const MAX_COMPRESSION_RATIO = 2.4;
const MIN_AVERAGE_LOG_PROBABILITY = -1;
/** Words drawn without any ground came at -5.3; of 19 minutes of real speech nothing is below -1. */
const RANDOM_LOG_PROBABILITY = -2.5;
const MAX_NO_SPEECH_PROBABILITY = 0.6;
/** Nobody speaks faster: fast English is 7 tokens a second, scripts spelled in bytes up to twice that. */
const MAX_TOKENS_PER_SECOND = 20;
/** Below this a rate of tokens says nothing. */
const MIN_SECONDS_FOR_RATE = 2;

/** What one attempt at a window gave. */
export interface Attempt {
  decoded: DecodedTokens;
  /** The plain tokens as text. */
  text: string;
  temperature: number;
  noSpeechProbability: number;
  /** What it listened to as it read prompt and tokens; absent where time tokens stand among them, which words' times are not told by. */
  heard?: (() => AttentionScores) | undefined;
}

/** Bytes of the text for each byte of it under zlib. Source: openai/whisper `compression_ratio`. */
export function compressionRatio(text: string): number {
  const bytes = Buffer.from(text, 'utf8');
  return bytes.length / deflateSync(bytes).length;
}

/** Whether the model says that nobody speaks, and is not sure of its words either: then there are none. */
export function isSilence(attempt: Attempt): boolean {
  return attempt.noSpeechProbability > MAX_NO_SPEECH_PROBABILITY && attempt.decoded.averageLogProbability <= MIN_AVERAGE_LOG_PROBABILITY;
}

/** Whether a window of `seconds` of speech is worth another attempt at a higher temperature. */
export function isDoubtful(attempt: Attempt, seconds: number): boolean {
  const { decoded, text } = attempt;
  if (decoded.isRunaway || text.trim() === '') return true;
  if (decoded.averageLogProbability < MIN_AVERAGE_LOG_PROBABILITY) return true;
  if (decoded.tokens.length > MAX_TOKENS_PER_SECOND * Math.max(seconds, MIN_SECONDS_FOR_RATE)) return true;
  return compressionRatio(text) > MAX_COMPRESSION_RATIO;
}

/**
 * The one to keep when every attempt was doubtful: the likeliest of those that do not repeat themselves, else of all. What was drawn
 * against all likelihood is not honest either.
 */
export function leastBad(attempts: readonly Attempt[]): Attempt | undefined {
  const honest = attempts.filter(
    ({ decoded, text }) =>
      !decoded.isRunaway && decoded.averageLogProbability >= RANDOM_LOG_PROBABILITY && compressionRatio(text) <= MAX_COMPRESSION_RATIO,
  );
  const pool = honest.length > 0 ? honest : attempts;
  return pool.toSorted((a, b) => b.decoded.averageLogProbability - a.decoded.averageLogProbability)[0];
}
