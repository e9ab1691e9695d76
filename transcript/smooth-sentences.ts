import { splitSentences } from '../contracts/sentences.ts';
import type { Word } from '../contracts/transcript.ts';

/** A word with the speaker that the turns give it. */
export interface PlacedWord extends Word {
  /** Time in which the word lies in turns of its speaker. */
  overlapSeconds: number;
}

/** Longer sentences are hardly one: they are cut here. */
const MAX_SENTENCE_WORDS = 50;
/** Words that were surely someone else's for this long stay someone else's. */
const CONFIDENT_RUN_SECONDS = 1;

/**
 * A sentence is nearly always one person's: words that the turns' edges gave to another go to the speaker of more than half of
 * the sentence. A run of another speaker is left alone when it lies in that speaker's turns and lasts a second.
 */
export function smoothSentences(words: readonly PlacedWord[]): Word[] {
  return sentencesOf(words).flatMap((sentence) => {
    const majority = findMajority(sentence);
    return splitRuns(sentence).flatMap((run) => {
      const stays = majority === null || run[0]?.speaker === majority || isConfident(run);
      return run.map((placed): Word => {
        const { overlapSeconds: _overlap, ...word } = placed;
        return stays ? word : { ...word, speaker: majority, speakerSource: 'smoothed' };
      });
    });
  });
}

function sentencesOf(words: readonly PlacedWord[]): PlacedWord[][] {
  return splitSentences(words).flatMap(({ from, to }) => {
    const pieces = Math.ceil((to - from) / MAX_SENTENCE_WORDS);
    return Array.from({ length: pieces }, (_, index) => {
      const start = from + index * MAX_SENTENCE_WORDS;
      return words.slice(start, Math.min(to, start + MAX_SENTENCE_WORDS));
    });
  });
}

function splitRuns(words: readonly PlacedWord[]): PlacedWord[][] {
  const runs: PlacedWord[][] = [];
  for (const word of words) {
    const run = runs.at(-1);
    if (run === undefined || run[0]?.speaker !== word.speaker) runs.push([word]);
    else run.push(word);
  }
  return runs;
}

function findMajority(sentence: readonly PlacedWord[]): string | null {
  const counts = new Map<string | null, number>();
  for (const { speaker } of sentence) counts.set(speaker, (counts.get(speaker) ?? 0) + 1);
  for (const [speaker, count] of counts) if (count * 2 > sentence.length) return speaker;
  return null;
}

function isConfident(run: readonly PlacedWord[]): boolean {
  const sure = run.filter((word) => word.speakerSource === 'overlap');
  const [first, last] = [sure[0], sure.at(-1)];
  // Not to the last word's end: a word stretched over a pause, or out of its turn, is no second of sure speech.
  return first !== undefined && last !== undefined && last.startSeconds + last.overlapSeconds - first.startSeconds >= CONFIDENT_RUN_SECONDS;
}
