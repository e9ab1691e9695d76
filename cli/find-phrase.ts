import type { EditOperation } from '../contracts/edits.ts';
import type { Turn } from '../contracts/transcript.ts';

type Replacement = Extract<EditOperation, { kind: 'replaceWords' }>;

/**
 * Replacements of a phrase wherever it is said within a turn, letters and digits compared without case. Punctuation before and after
 * the phrase stays, where the replacement brings none of its own.
 */
export function findPhrase(turns: readonly Turn[], phrase: string, replacement: string): Replacement[] {
  const wanted = toWords(phrase).map(toCore);
  const texts = toWords(replacement);
  if (wanted.length === 0 || wanted.includes('')) return [];
  return turns.flatMap(({ words }, turn) => {
    const found: Replacement[] = [];
    for (let from = 0; from + wanted.length <= words.length; from++) {
      if (!wanted.every((core, offset) => toCore(words[from + offset]!.text) === core)) continue;
      const to = from + wanted.length;
      found.push({ kind: 'replaceWords', turn, from, to, texts: withPunctuation(texts, words[from]!.text, words[to - 1]!.text) });
      from = to - 1;
    }
    return found;
  });
}

function withPunctuation(texts: readonly string[], first: string, last: string): string[] {
  if (texts.length === 0) return [];
  const before = /^[^\p{L}\p{N}]*/u.exec(first.trim())![0];
  const after = /[^\p{L}\p{N}]*$/u.exec(last.trim())![0];
  const opened = /^[\p{L}\p{N}]/u.test(texts[0]!) ? [`${before}${texts[0]}`, ...texts.slice(1)] : [...texts];
  return /[\p{L}\p{N}]$/u.test(opened.at(-1)!) ? [...opened.slice(0, -1), `${opened.at(-1)}${after}`] : opened;
}

function toWords(text: string): string[] {
  return text.split(/\s+/).filter((word) => word !== '');
}

function toCore(word: string): string {
  return word.toLowerCase().replaceAll(/[^\p{L}\p{N}]+/gu, '');
}
