import type { TranscribedWord, Transcript } from '../contracts/transcript.ts';

/** Words of one recording that two transcripts share: for each position before, the one after; both flat, over all turns. */
export type WordMatches = ReadonlyMap<number, number>;

/** The same word heard twice, by two models, begins at most so far apart. */
export const HEARD_AGAIN_SECONDS = 0.5;

/**
 * The words of `before` that are there in `after`: the same text, starts at most `toleranceSeconds` apart, the nearest first, and
 * in the same order. Words of two revisions of one transcript have the very same times: 0 is right for them.
 */
export function matchWords(before: readonly TranscribedWord[], after: readonly TranscribedWord[], toleranceSeconds: number): WordMatches {
  const matches = new Map<number, number>();
  let free = 0;
  let early = 0;
  for (const [position, word] of before.entries()) {
    while (early < after.length && after[early]!.startSeconds < word.startSeconds - toleranceSeconds) early++;
    let best: { index: number; distance: number } | undefined;
    for (let index = Math.max(free, early); index < after.length; index++) {
      const candidate = after[index]!;
      if (candidate.startSeconds > word.startSeconds + toleranceSeconds) break;
      const distance = Math.abs(candidate.startSeconds - word.startSeconds);
      if (candidate.text === word.text && (best === undefined || distance < best.distance)) best = { index, distance };
    }
    if (best === undefined) continue;
    matches.set(position, best.index);
    free = best.index + 1;
  }
  return matches;
}

/** A transcript's words in a row, each with its place. */
export interface FlatTranscript {
  words: Transcript['turns'][number]['words'];
  /** By flat position: the turn, and the position in it. */
  places: { turn: number; index: number }[];
  /** Flat position of each turn's first word. */
  starts: number[];
}

export function flatten({ turns }: Transcript): FlatTranscript {
  const flat: FlatTranscript = { words: [], places: [], starts: [] };
  for (const [turn, { words }] of turns.entries()) {
    flat.starts.push(flat.words.length);
    for (const [index, word] of words.entries()) {
      flat.words.push(word);
      flat.places.push({ turn, index });
    }
  }
  return flat;
}
