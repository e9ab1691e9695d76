import type { TranscribedWord } from '../../contracts/transcript.ts';
import { SECONDS_PER_TIMESTAMP } from './tokenizer.ts';
import { groupPunctuation, type WordTokens } from './word-split.ts';

/** Letters, digits and signs that are read out. */
const SPOKEN = /[\p{L}\p{N}\p{S}%&@#]/u;
const SENTENCE_ENDS = '.。!！?？';
/** No word takes longer than twice this at the border of a sentence, where a pause clings to it. */
const MAX_MEDIAN_SECONDS = 0.7;

interface Timing {
  startSeconds: number;
  endSeconds: number;
}

/**
 * Words with times in seconds of the window. `tokenFrames` are the frames (20 ms) at which each plain token begins, and one more for
 * the end; `logProbabilities` those of the plain tokens. Punctuation joins its word; words at sentence borders are cut to twice
 * the median length. Source: openai/whisper `add_word_timestamps`.
 */
export function timeWords(
  words: readonly WordTokens[],
  tokenFrames: ArrayLike<number>,
  logProbabilities: ArrayLike<number>,
): TranscribedWord[] {
  const firstTokens = [0];
  for (const word of words) firstTokens.push(firstTokens.at(-1)! + word.tokens.length);
  const timings = words.map((_, index): Timing => {
    return {
      startSeconds: tokenFrames[firstTokens[index]!]! * SECONDS_PER_TIMESTAMP,
      endSeconds: tokenFrames[firstTokens[index + 1]!]! * SECONDS_PER_TIMESTAMP,
    };
  });
  capAtSentenceBorders(words, timings);
  return groupPunctuation(words).map(({ first, end }) => {
    const group = words.slice(first, end);
    // A mark's own stretch is silence: the word's times are those of what is spoken.
    const spoken = group.flatMap((word, index) => (SPOKEN.test(word.text) ? [first + index] : []));
    const [{ startSeconds }, { endSeconds }] = [timings[spoken[0] ?? first]!, timings[spoken.at(-1) ?? first]!];
    return {
      text: group
        .map((word) => word.text)
        .join('')
        .trim(),
      startSeconds: roundToMilliseconds(startSeconds),
      endSeconds: roundToMilliseconds(endSeconds),
      confidence: meanProbability(logProbabilities, firstTokens[first]!, firstTokens[end]!),
    };
  });
}

function capAtSentenceBorders(words: readonly WordTokens[], timings: Timing[]): void {
  const lengths = timings.map(({ startSeconds, endSeconds }) => endSeconds - startSeconds).filter((length) => length > 0);
  if (lengths.length === 0) return;
  const sorted = lengths.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  const median = sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
  const longest = 2 * Math.min(MAX_MEDIAN_SECONDS, median);
  for (const [index, timing] of timings.entries()) {
    if (timing.endSeconds - timing.startSeconds <= longest) continue;
    if (index === 0 || isSentenceEnd(words[index - 1]!)) timing.startSeconds = timing.endSeconds - longest;
    else if (isSentenceEnd(words[index]!) || index === timings.length - 1) timing.endSeconds = timing.startSeconds + longest;
  }
}

/** Seconds without the dust of binary fractions. */
function roundToMilliseconds(seconds: number): number {
  return Math.round(seconds * 1000) / 1000;
}

function isSentenceEnd(word: WordTokens): boolean {
  return word.text !== '' && SENTENCE_ENDS.includes(word.text.trim().slice(-1));
}

function meanProbability(logProbabilities: ArrayLike<number>, start: number, end: number): number {
  let sum = 0;
  for (let i = start; i < end; i++) sum += Math.exp(logProbabilities[i]!);
  return Math.min(1, sum / Math.max(1, end - start));
}
