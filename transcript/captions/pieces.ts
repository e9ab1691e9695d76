import type { TranscribedWord } from '../../contracts/transcript.ts';
import { MAX_LINE_CHARACTERS } from './wrap-lines.ts';

/** A word, or a part of one that is longer than a line. */
export interface Piece {
  text: string;
  startSeconds: number;
  endSeconds: number;
}

/** Languages that put no spaces between words, as Whisper names them. */
const UNSPACED: ReadonlySet<string> = new Set(['zh', 'yue', 'ja', 'th', 'lo', 'my', 'km']);

/** What stands between two words of this language. */
export function joinerOf(language: string): '' | ' ' {
  return UNSPACED.has(language) ? '' : ' ';
}

/** The words of a turn, each short enough for a line, after `prefix` where there is one. */
export function toPieces(
  words: readonly Pick<TranscribedWord, 'text' | 'startSeconds' | 'endSeconds'>[],
  language: string,
  prefix?: string,
): { pieces: Piece[]; joiner: string } {
  const first = words[0];
  const start = first === undefined ? [] : [{ text: prefix ?? '', startSeconds: first.startSeconds, endSeconds: first.startSeconds }];
  const pieces = [...start, ...words].flatMap((word) => {
    const texts = word.text.split(/[\s\p{Cc}]+/u).flatMap(cutLong);
    const share = (word.endSeconds - word.startSeconds) / texts.length;
    return texts.map((text, index) => ({
      text,
      startSeconds: word.startSeconds + index * share,
      endSeconds: index === texts.length - 1 ? word.endSeconds : word.startSeconds + (index + 1) * share,
    }));
  });
  return { pieces: pieces.filter((piece) => piece.text !== ''), joiner: joinerOf(language) };
}

function cutLong(text: string): string[] {
  const characters = Array.from(text);
  const parts: string[] = [];
  while (parts.length === 0 || characters.length > 0) parts.push(takeLine(characters));
  return parts;
}

/** Takes as many whole characters off the front as a line holds. */
function takeLine(characters: string[]): string {
  let line = '';
  while (characters[0] !== undefined && line.length + characters[0].length <= MAX_LINE_CHARACTERS) line += characters.shift();
  return line;
}
