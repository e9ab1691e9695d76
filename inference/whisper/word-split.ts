import { concatBytes, isContinuationByte, missingBytes } from './byte-level.ts';
import type { WhisperTokenizer } from './tokenizer.ts';

/** Written without spaces between words: split at characters instead, for want of a dictionary. */
const UNSPACED_LANGUAGES: ReadonlySet<string> = new Set(['zh', 'ja', 'th', 'lo', 'my', 'yue']);

const ASCII_PUNCTUATION = /^[!-/:-@[-`{-~]+$/;
/** What follows a mark without a space is part of its word: `1` `.5` `%`, `ill` `-disposed`. */
const CONTINUES_WORD = /^[!-/:-@[-`{-~]/;
const PREPENDED = '"\'“¿([{-';
const APPENDED = '"\'.。,，!！?？:：”)]}、';

/** A word and the tokens that spell it. */
export interface WordTokens {
  /** With the space in front of it, where there is one. */
  text: string;
  tokens: number[];
}

/**
 * Cuts plain tokens into words: at spaces and punctuation, or at every character for languages without spaces. Whole characters
 * always; the words' tokens together are `tokens`. Source: openai/whisper `split_to_word_tokens`.
 */
export function splitWords(tokens: readonly number[], language: string, tokenizer: WhisperTokenizer): WordTokens[] {
  const units = splitCharacters(tokens, tokenizer);
  return UNSPACED_LANGUAGES.has(language) ? units : joinUnits(units);
}

/** Groups tokens until they spell whole characters. */
function splitCharacters(tokens: readonly number[], tokenizer: WhisperTokenizer): WordTokens[] {
  const decoder = new TextDecoder();
  const units: WordTokens[] = [];
  let group: number[] = [];
  for (const [index, token] of tokens.entries()) {
    group.push(token);
    const bytes = concatBytes(group.map((each) => tokenizer.bytes(each)));
    const next = tokens[index + 1];
    const nextContinues = next !== undefined && isContinuationByte(tokenizer.bytes(next)[0]);
    if (missingBytes(bytes) > 0 && nextContinues) continue;
    units.push({ text: decoder.decode(bytes), tokens: group });
    group = [];
  }
  return units;
}

function joinUnits(units: readonly WordTokens[]): WordTokens[] {
  const words: WordTokens[] = [];
  for (const unit of units) {
    const last = words.at(-1);
    const startsWord = unit.text.startsWith(' ') || ASCII_PUNCTUATION.test(unit.text.trim());
    if (last === undefined || startsWord) {
      words.push({ text: unit.text, tokens: [...unit.tokens] });
    } else {
      last.text += unit.text;
      last.tokens.push(...unit.tokens);
    }
  }
  return words;
}

/**
 * Gives each punctuation mark to the word it belongs to: opening marks to the next word, closing ones to the word before, and what is
 * written on after a mark to what stands before it.
 * Returns for each resulting word the range `[first, end)` of the words it is made of.
 */
export function groupPunctuation(words: readonly WordTokens[]): { first: number; end: number }[] {
  const groups = words.map((_, index) => ({ first: index, end: index + 1 }));
  for (let i = groups.length - 2; i >= 0; i--) {
    const text = words[groups[i]!.end - 1]!.text;
    const isOpening = text.startsWith(' ') && isMadeOf(text.trim(), PREPENDED);
    if (isOpening) groups.splice(i, 2, { first: groups[i]!.first, end: groups[i + 1]!.end });
  }
  for (let i = 1; i < groups.length;) {
    const group = groups[i]!;
    const text = words[group.first]!.text;
    const isClosing = group.end - group.first === 1 && isMadeOf(text, APPENDED);
    const before = words[groups[i - 1]!.end - 1]!.text;
    if ((isClosing || CONTINUES_WORD.test(text)) && !before.endsWith(' '))
      groups.splice(i - 1, 2, { first: groups[i - 1]!.first, end: group.end });
    else i++;
  }
  return groups;
}

function isMadeOf(text: string, marks: string): boolean {
  return text !== '' && Array.from(text).every((mark) => marks.includes(mark));
}
