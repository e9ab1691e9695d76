import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { byteTokens, createTinyTokenizer } from './tiny-tokenizer.fixture.ts';
import { groupPunctuation, splitWords } from './word-split.ts';

const tokenizer = createTinyTokenizer([' the', 'ory', ' "', ' (']);

function words(text: string, language = 'en'): string[] {
  return splitWords(byteTokens(text), language, tokenizer).map((word) => word.text);
}

function grouped(tokens: number[]): string[] {
  const split = splitWords(tokens, 'en', tokenizer);
  return groupPunctuation(split).map(({ first, end }) =>
    split
      .slice(first, end)
      .map((word) => word.text)
      .join(''),
  );
}

describe('splitWords', () => {
  it('cuts at spaces and sets punctuation apart', () => {
    expect(words(' Hello, world!')).toEqual([' Hello', ',', ' world', '!']);
    expect(splitWords([256, 257], 'en', tokenizer)).toEqual([{ text: ' theory', tokens: [256, 257] }]);
  });

  it('cuts at characters where a language has no spaces', () => {
    expect(words('日本語', 'ja')).toEqual(['日', '本', '語']);
    expect(words('日本語', 'en')).toEqual(['日本語']);
  });

  it('goes on after a character that is cut off', () => {
    const [first, ...rest] = splitWords([0xe6, 0x97, ...byteTokens(' no')], 'en', tokenizer);
    expect(first!.text).toBe('\uFFFD');
    expect(rest.map((word) => word.text)).toEqual([' no']);
  });

  it('loses no token, whatever the bytes and the language', () => {
    const bytes = fc.array(fc.integer({ min: 0, max: 255 }), { maxLength: 80 });
    fc.assert(
      fc.property(bytes, fc.constantFrom('en', 'ja'), (tokens, language) => {
        const split = splitWords(tokens, language, tokenizer);
        expect(split.flatMap((word) => word.tokens)).toEqual(tokens);
      }),
    );
  });

  it('spells the text, whatever it is', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.constantFrom('en', 'ja'), (text, language) => {
        expect(words(text, language).join('')).toBe(text.toWellFormed());
      }),
    );
  });
});

describe('groupPunctuation', () => {
  it('gives opening marks to the next word and closing ones to the word before', () => {
    const tokens = [...byteTokens(' He said'), 258, ...byteTokens('yes"'), 259, ...byteTokens('really).')];
    expect(grouped(tokens)).toEqual([' He', ' said', ' "yes"', ' (really).']);
  });

  it('keeps together what is written without a space: numbers, signs, hyphens, abbreviations', () => {
    const text = " an ill-disposed 1.5% of US$3.50, i.e. 20,000 km/h, word(s) at 12:30, isn't it?";
    expect(grouped(byteTokens(text)).map((word) => word.trim())).toEqual(text.trim().split(' '));
  });

  it('spells the text again with a space between words', () => {
    const unit = fc.constantFrom(' ', 'a', '7', '.', '"', '(', ',', '-', '%', '/', '$', 'é');
    fc.assert(
      fc.property(fc.string({ unit }), (text) => {
        const spelled = grouped(byteTokens(text)).map((word) => word.trim());
        expect(spelled.filter((word) => word !== '').join(' ')).toBe(text.replaceAll(/ +/g, ' ').trim());
      }),
    );
  });

  it('covers every word once, in order', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(' ', 'a', 'b', '.', '"', '(', ',', '-') }), (text) => {
        const split = splitWords(byteTokens(text), 'en', tokenizer);
        const covered = groupPunctuation(split).flatMap(({ first, end }) => Array.from({ length: end - first }, (_, k) => first + k));
        expect(covered).toEqual(split.map((_, index) => index));
      }),
    );
  });
});
