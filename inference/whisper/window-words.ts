import type { Segment, TranscribedWord } from '../../contracts/transcript.ts';
import { WHISPER_AUDIO_FRAMES, type EncodedAudio } from '../graphs/whisper-interface.ts';
import type { DecodedTokens } from './greedy-decode.ts';
import type { Recognizer } from './recognizer.ts';
import { toSentences } from './sentence-segments.ts';
import { SECONDS_PER_TIMESTAMP, type WhisperTokenizer } from './tokenizer.ts';
import type { Attempt } from './window-quality.ts';
import { alignTokens, type AttentionScores } from './word-alignment.ts';
import { splitWords } from './word-split.ts';
import { timeWords } from './word-times.ts';

/** Words with times in seconds of their window, all rows in one pass over their final tokens; nothing for rows without an attempt. */
export async function alignRows(
  { model, tokenizer }: Recognizer,
  audio: EncodedAudio,
  attempts: readonly (Attempt | undefined)[],
  seconds: readonly number[],
  languages: readonly string[],
): Promise<Segment[][]> {
  const { special } = tokenizer;
  const prompts = languages.map((language) => [...tokenizer.startSequence(language), special.noTimestamps]);
  const promptLength = prompts[0]?.length ?? 0;
  const plain = attempts.map((each) => plainTokens(each?.decoded, special.endOfText));
  const longest = Math.max(...plain.map((row) => row.tokens.length));
  if (longest === 0) return attempts.map(() => []);
  const length = promptLength + longest + 1;
  const rows = plain.map(({ tokens }, index) => {
    const row = [...prompts[index]!, ...tokens];
    return [...row, ...Array.from({ length: length - row.length }, () => special.endOfText)];
  });
  const qk = await model.align(audio, rows);
  const [, heads, , columns] = qk.dims as [number, number, number, number];
  return attempts.map((each, row) => {
    const attention = { scores: qk.data.subarray(row * heads * length * columns), heads, tokens: length, columns };
    return each === undefined
      ? []
      : timeAttempt(tokenizer, each, { attention, promptLength, seconds: seconds[row]!, language: languages[row]! });
  });
}

/** What the alignment heads listened to in one window while they read prompt, text and an end of text, and what is known of it. */
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
  // The last prompt token speaks for the first word; the first end token closes the last one.
  const used = promptLength + tokens.length + 1;
  const scores = takeRows(attention.scores, heads, attention.tokens, used, columns);
  const frames = Math.max(1, Math.min(WHISPER_AUDIO_FRAMES, Math.ceil(seconds / SECONDS_PER_TIMESTAMP)));
  const starts = alignTokens({ scores, heads, tokens: used, columns }, frames, promptLength - 1, used - 1);
  return toSegments(attempt, timeWords(splitWords(tokens, language, tokenizer), starts, logProbabilities), language);
}

function plainTokens(decoded: DecodedTokens | undefined, endOfText: number): { tokens: number[]; logProbabilities: number[] } {
  const tokens: number[] = [];
  const logProbabilities: number[] = [];
  for (const [index, token] of decoded?.tokens.entries() ?? []) {
    if (token >= endOfText) continue;
    tokens.push(token);
    logProbabilities.push(decoded!.logProbabilities[index]!);
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
