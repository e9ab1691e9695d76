import type { TranscribedWord } from '../../contracts/transcript.ts';

const SENTENCE_END = /[.!?。！？…]["'”’)\]}»]*$/u;
/** A pause that ends a segment even within a sentence. */
const PAUSE_SECONDS = 1;

/** Cuts words into sentence-like stretches: after a mark that ends a sentence, and where nobody speaks for a second. */
export function toSentences<Word extends TranscribedWord>(words: readonly Word[]): Word[][] {
  const sentences: Word[][] = [];
  let current: Word[] = [];
  for (const [index, word] of words.entries()) {
    current.push(word);
    const next = words[index + 1];
    const pauses = next !== undefined && next.startSeconds - word.endSeconds >= PAUSE_SECONDS;
    if (next === undefined || pauses || SENTENCE_END.test(word.text)) {
      sentences.push(current);
      current = [];
    }
  }
  return sentences;
}
