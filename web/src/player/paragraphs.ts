import type { TranscriptView } from '../client/queries.ts';

export type TranscriptWord = TranscriptView['turns'][number]['words'][number];

/** What the transcript is shown in: a turn, or a stretch of a long one. */
export interface Paragraph {
  speaker: string | null;
  /** Whether the speaker is another than in the paragraph before. */
  isNewTurn: boolean;
  startSeconds: number;
  endSeconds: number;
  words: readonly TranscriptWord[];
  /** Position of the first word in the whole transcript. */
  firstWord: number;
  /** The turn, and the position of the first word in it: what an edit is addressed by. */
  turn: number;
  firstOfTurn: number;
}

/** Enough to read in a piece, few enough to draw at once: a lecturer's turn can last an hour. */
const WANTED_WORDS = 60;
const MOST_WORDS = 120;

/** Cuts turns into paragraphs: at the end of a sentence past 60 words, anywhere at 120. */
export function toParagraphs(turns: TranscriptView['turns']): Paragraph[] {
  const paragraphs: Paragraph[] = [];
  let position = 0;
  for (const [turn, { speaker, words }] of turns.entries()) {
    let start = 0;
    for (let end = 1; end <= words.length; end += 1) {
      const length = end - start;
      const isSentenceEnd = /[.?!…]["'”’)]?$/u.test(words[end - 1]?.text ?? '');
      if (end < words.length && !(length >= WANTED_WORDS && isSentenceEnd) && length < MOST_WORDS) continue;
      const held = words.slice(start, end);
      const [first, last] = [held[0], held.at(-1)];
      if (first === undefined || last === undefined) continue;
      const { startSeconds } = first;
      const place = { firstWord: position, turn, firstOfTurn: start };
      paragraphs.push({ speaker, isNewTurn: start === 0, startSeconds, endSeconds: last.endSeconds, words: held, ...place });
      position += held.length;
      start = end;
    }
  }
  return paragraphs;
}

/** The last item that begins at or before `seconds`; -1 before the first. `starts` ascend. */
export function findAt(items: readonly { startSeconds: number }[], seconds: number): number {
  let [low, high] = [0, items.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((items[middle]?.startSeconds ?? 0) <= seconds) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

/** Positions of the words at which `phrase` begins; case, accents and punctuation aside. */
export function findPhrase(words: readonly { text: string }[], phrase: string): number[] {
  const wanted = toSearchWords(phrase);
  if (wanted.length === 0) return [];
  const held = words.map(({ text }) => plain(text));
  return held.flatMap((_, at) => {
    // The last word may still be in the writing.
    const fits = wanted.every((word, n) => (n === wanted.length - 1 ? (held[at + n] ?? '').startsWith(word) : held[at + n] === word));
    return fits ? [at] : [];
  });
}

export function toSearchWords(phrase: string): string[] {
  return phrase.split(/\s+/).map(plain).filter(Boolean);
}

function plain(text: string): string {
  return text
    .normalize('NFKD')
    .replace(/[^\p{L}\p{N}]/gu, '')
    .toLowerCase();
}
