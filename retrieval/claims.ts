import { splitSentences } from '../contracts/sentences.ts';
import { toPlainProse } from './answer-prompt.ts';

/** A sentence that a model wrote, and the passages (from 1) that it says it has it from. */
export interface WrittenClaim {
  text: string;
  marks: number[];
  /** Whether the marks stand at its end, not at that of a sentence after it. */
  isMarked: boolean;
}

export interface ClaimReader {
  /** The claims that are whole now that `piece` was written. */
  write(piece: string): WrittenClaim[];
  /** What is left when nothing more comes. */
  end(): WrittenClaim[];
}

const MARK = String.raw`\[\s*p?\d+(?:\s*[,;]\s*p?\d+)*\s*\]`;

/** Text, the marks that end it with the punctuation between and after them, and what follows. */
const STRETCH = new RegExp(
  String.raw`^(?<text>(?:(?!${MARK})[\s\S])*)(?<tail>${MARK}(?:${MARK}|[^\p{L}\p{N}\[<])*)(?<next>[\s\S]*)$`,
  'iu',
);
const THOUGHTS = /<think>[\s\S]*?<\/think>/gi;

/** What may yet become a further mark, or a thought. */
const UNDECIDED = /^(?:|\[[\sp\d,;]*|<(?:t(?:h(?:i(?:nk?)?)?)?)?)$/i;

/**
 * Reads a model's text as it is written. A stretch of text ends with marks, and each of its sentences may have them: models
 * often mark the last of several sentences from one passage. Only plain prose comes out.
 */
export function createClaimReader(): ClaimReader {
  let buffer = '';
  const cutStretches = (isWhole: (next: string) => boolean): WrittenClaim[] => {
    const claims: WrittenClaim[] = [];
    for (;;) {
      const { text = '', tail = '', next = '' } = STRETCH.exec(buffer)?.groups ?? {};
      if (tail === '' || !isWhole(next)) return claims;
      claims.push(...toClaims(text, tail));
      buffer = next;
    }
  };
  return {
    write(piece) {
      buffer = (buffer + piece).replaceAll(THOUGHTS, ' ');
      // Marks in a thought are no marks: its end is waited for.
      return /<think>/i.test(buffer) ? [] : cutStretches((next) => !UNDECIDED.test(next));
    },
    end() {
      buffer = buffer.replace(/<think>[\s\S]*$/i, ' ');
      const claims = cutStretches(() => true);
      const rest = toClaims(buffer, '');
      buffer = '';
      return [...claims, ...rest];
    },
  };
}

function toClaims(stretch: string, tail: string): WrittenClaim[] {
  const marks = [...new Set((tail.match(/\d+/g) ?? []).map(Number))];
  // The full stop of `says so [p1].`, where the sentence has none yet.
  const stop = /[.!?…]/.exec(tail)?.[0] ?? '';
  const prose = toPlainProse(stretch);
  const words = (/[.!?…]["'”’»)]*$/.test(prose) ? prose : `${prose}${stop}`).split(' ');
  return splitSentences(words.map((text) => ({ text })))
    .map(({ from, to }) => ({ text: words.slice(from, to).join(' '), marks, isMarked: to === words.length && marks.length > 0 }))
    .filter(({ text }) => /[\p{L}\p{N}]/u.test(text));
}
