import type { Chunk, Word } from '../contracts/transcript.ts';

/** Words of a stretch, `to` exclusive. */
export interface Cut {
  from: number;
  to: number;
}

/** Either a passage that stays, or words that are to be cut anew, with the passage that stays before them. */
export type Part = { kept: Cut } | { gap: Cut; before: Cut | undefined };

/**
 * Which passages of an earlier revision are in a stretch of one speaker's words, untouched: every word with its text and times, side
 * by side.
 */
export function findKept(previous: readonly Chunk[], speaker: string | null, words: readonly Word[]): Cut[] {
  if (previous.length === 0) return [];
  const positions = new Map(words.map((word, index) => [keyOf(word), index]));
  const cuts: Cut[] = [];
  for (const chunk of previous) {
    const first = chunk.words[0];
    const from = first === undefined || chunk.speaker !== speaker ? undefined : positions.get(keyOf(first));
    const last = cuts.at(-1);
    if (from === undefined || !chunk.words.every((word, offset) => isSame(word, words[from + offset]))) continue;
    const to = from + chunk.words.length;
    if (last === undefined || (from > last.from && to > last.to)) cuts.push({ from, to });
  }
  return cuts;
}

/**
 * A stretch of `length` words as passages that stay and gaps between them, in order, all words covered. Beside a gap that is too small
 * for a passage of its own the passage before it goes too, or else the one after.
 */
export function planAround(length: number, kept: readonly Cut[], isTooSmall: (gap: Cut) => boolean): Part[] {
  const staying = [...kept];
  for (;;) {
    const gaps = gapsOf(length, staying);
    const small = gaps.find((gap) => isTooSmall(gap));
    if (small === undefined || staying.length === 0) break;
    staying.splice(small.at === 0 ? 0 : small.at - 1, 1);
  }
  const parts = gapsOf(length, staying).map(({ at, from, to }): Part & { at: number } => ({
    at,
    gap: { from, to },
    before: staying[at - 1],
  }));
  return [...staying.map((cut, index) => ({ at: index + 0.5, kept: cut })), ...parts].sort((a, b) => a.at - b.at);
}

/** `at` is the position of the passage that follows the gap. */
function gapsOf(length: number, staying: readonly Cut[]): (Cut & { at: number })[] {
  return Array.from({ length: staying.length + 1 }, (_, at) => ({
    at,
    from: staying[at - 1]?.to ?? 0,
    to: staying[at]?.from ?? length,
  })).filter(({ from, to }) => from < to);
}

function keyOf({ text, startSeconds }: Pick<Word, 'text' | 'startSeconds'>): string {
  return `${startSeconds} ${text.trim()}`;
}

function isSame(word: Chunk['words'][number], other: Word | undefined): boolean {
  return (
    other !== undefined && keyOf(word) === keyOf(other) && word.endSeconds === other.endSeconds && word.confidence === other.confidence
  );
}
