import type { Segment, TranscribedWord } from '../../contracts/transcript.ts';
import type { EncodedAudio, Numbers } from '../graphs/whisper-interface.ts';
import type { DecodedTokens } from './greedy-decode.ts';
import type { Recognizer } from './recognizer.ts';
import { toSentences } from './sentence-segments.ts';
import { SECONDS_PER_TIMESTAMP, type WhisperTokenizer } from './tokenizer.ts';
import type { Attempt } from './window-quality.ts';
import { alignTokens, type AttentionScores } from './word-alignment.ts';
import { splitWords } from './word-split.ts';
import { timeWords } from './word-times.ts';

/** Words with times in seconds of their window; nothing for rows without an attempt. */
export async function alignRows(
  recognizer: Recognizer,
  audio: EncodedAudio,
  attempts: readonly (Attempt | undefined)[],
  seconds: readonly number[],
  languages: readonly string[],
): Promise<Segment[][]> {
  const segments: Segment[][] = [];
  for (const [row, attempt] of attempts.entries()) {
    const window = { audio: recognizer.model.selectAudio(audio, [row]), seconds: seconds[row]!, language: languages[row]! };
    segments.push(attempt === undefined ? [] : await alignAttempt(recognizer, attempt, window));
  }
  return segments;
}

interface HeardWindow {
  audio: EncodedAudio;
  seconds: number;
  language: string;
}

async function alignAttempt(recognizer: Recognizer, attempt: Attempt, { audio, seconds, language }: HeardWindow): Promise<Segment[]> {
  const { tokenizer, model } = recognizer;
  const prompt = [...tokenizer.startSequence(language), tokenizer.special.noTimestamps];
  const text = [...prompt, ...plainTokens(attempt.decoded, tokenizer.special.endOfText).tokens];
  if (text.length === prompt.length) return [];
  const read = attempt.heard?.();
  // A control token among the words, or a text that never ended, was read otherwise.
  const attention = read?.tokens === text.length ? read : toScores(await model.align(audio, [text]));
  return timeAttempt(tokenizer, attempt, { attention, promptLength: prompt.length, seconds, language });
}

function toScores({ data, dims }: Numbers): AttentionScores {
  const [, heads, tokens, columns] = dims as [number, number, number, number];
  return { scores: data, heads, tokens, columns };
}

/** What the alignment heads listened to in one window while they read prompt and text, and perhaps more, and what is known of it. */
interface ReadWindow {
  attention: AttentionScores;
  promptLength: number;
  seconds: number;
  language: string;
}

/** The words of an attempt with times in seconds of their window, in sentences. */
export function timeAttempt(
  tokenizer: WhisperTokenizer,
  attempt: Attempt,
  { attention, promptLength, seconds, language }: ReadWindow,
): Segment[] {
  const { tokens, logProbabilities } = plainTokens(attempt.decoded, tokenizer.special.endOfText);
  if (tokens.length === 0) return [];
  const { heads, columns } = attention;
  // The last prompt token speaks for the first word; the last token is where the last word ends.
  const used = promptLength + tokens.length;
  const scores = takeRows(attention.scores, heads, attention.tokens, used, columns);
  const frames = Math.max(1, Math.min(columns, Math.ceil(seconds / SECONDS_PER_TIMESTAMP)));
  const starts = alignTokens({ scores, heads, tokens: used, columns }, frames, promptLength - 1, used);
  return toSegments(attempt, timeWords(splitWords(tokens, language, tokenizer), starts, logProbabilities), language);
}

function plainTokens(decoded: DecodedTokens, endOfText: number): { tokens: number[]; logProbabilities: number[] } {
  const tokens: number[] = [];
  const logProbabilities: number[] = [];
  for (const [index, token] of decoded.tokens.entries()) {
    if (token >= endOfText) continue;
    tokens.push(token);
    logProbabilities.push(decoded.logProbabilities[index]!);
  }
  return { tokens, logProbabilities };
}

/** `[heads, used, columns]` of `[heads, tokens, columns]`. */
function takeRows(scores: Float32Array, heads: number, tokens: number, used: number, columns: number): Float32Array {
  if (used === tokens) return scores;
  const taken = new Float32Array(heads * used * columns);
  for (let head = 0; head < heads; head++) {
    const start = head * tokens * columns;
    taken.set(scores.subarray(start, start + used * columns), head * used * columns);
  }
  return taken;
}

function toSegments(attempt: Attempt, words: readonly TranscribedWord[], language: string): Segment[] {
  return toSentences(words.filter((word) => word.text !== '')).map((sentence) => ({
    startSeconds: sentence[0]!.startSeconds,
    endSeconds: sentence.at(-1)!.endSeconds,
    words: sentence,
    averageLogProbability: attempt.decoded.averageLogProbability,
    noSpeechProbability: attempt.noSpeechProbability,
    temperature: attempt.temperature,
    language,
  }));
}
