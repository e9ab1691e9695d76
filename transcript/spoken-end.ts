import type { TranscribedWord } from '../contracts/transcript.ts';

/** Recognizers stretch a word over the pause beside it: what is longer than anyone takes to say it does not count. */
const MAX_WORD_SECONDS = 1.2;
const MAX_SECONDS_PER_CHARACTER = 0.15;

/** When a word can have been said to its end, in seconds; never before its start. */
export function spokenEnd(word: TranscribedWord): number {
  const longestSeconds = Math.max(MAX_WORD_SECONDS, word.text.length * MAX_SECONDS_PER_CHARACTER);
  return Math.max(word.startSeconds, Math.min(word.endSeconds, word.startSeconds + longestSeconds));
}
