import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { toCitation, toQuotes } from './quotes.ts';
import type { FoundPassage } from './read-passages.ts';

/** A passage of one word every half second. */
function toPassage(text: string, { ordinal = 0, startSeconds = 0, lecture = 1 } = {}): FoundPassage {
  const lectureId = `lec_${String(lecture).padStart(24, '0')}`;
  const words = text.split(' ').map((word, index) => ({
    text: word,
    startSeconds: startSeconds + index / 2,
    endSeconds: startSeconds + index / 2 + 0.4,
    confidence: 1,
  }));
  const span = { startSeconds, endSeconds: words.at(-1)!.endSeconds };
  const chunkId = `${lectureId}:g:${ordinal}`;
  const chunk = { chunkId, lectureId, ordinal, speaker: 'S1', text, context: null, words, ...span };
  return { chunk, hit: { chunkId, lectureId, speaker: 'S1', text, score: 1, legs: {}, ...span } };
}

describe('toQuotes', () => {
  it('spans the quoted words, not the passage', () => {
    const [, second] = toQuotes([
      toPassage('First things come first in biology. Cells divide when they have grown. The end.', { startSeconds: 10 }),
    ]);
    expect(toCitation(second!)).toEqual({
      chunkId: 'lec_000000000000000000000001:g:0',
      lectureId: 'lec_000000000000000000000001',
      speaker: 'S1',
      startSeconds: 13,
      endSeconds: 16.9,
      quote: 'Cells divide when they have grown. The end.',
    });
  });

  it('keeps the longer of two readings of the same words', () => {
    const quotes = toQuotes([
      toPassage('We saw all of it last week. Cells divide in two when', { startSeconds: 0 }),
      toPassage('in two when they have grown enough. Then they rest for some time.', { ordinal: 1, startSeconds: 4.5 }),
    ]);
    expect(quotes.map((quote) => quote.text)).toEqual([
      'We saw all of it last week.',
      'in two when they have grown enough.',
      'Then they rest for some time.',
    ]);
  });

  it('quotes a short sentence with its neighbour', () => {
    const texts = (text: string): string[] => toQuotes([toPassage(text)]).map((quote) => quote.text);
    expect(texts('Right. So now we come to enzymes. They speed up reactions in every cell. Good.')).toEqual([
      'Right. So now we come to enzymes.',
      'They speed up reactions in every cell. Good.',
    ]);
    expect(texts('Yes.')).toEqual(['Yes.']);
  });

  it('keeps the same words of two lectures apart', () => {
    expect(toQuotes([toPassage('Same words.'), toPassage('Same words.', { lecture: 2 })])).toHaveLength(2);
  });

  it('cuts speech without full stops at its longest pause', () => {
    const passage = toPassage(Array.from({ length: 60 }, (_, index) => `w${index}`).join(' '));
    for (const word of passage.chunk.words.slice(25)) {
      word.startSeconds += 2;
      word.endSeconds += 2;
    }
    expect(toQuotes([passage]).map((quote) => quote.text.split(' ').length)).toEqual([25, 35]);
  });

  it('quotes every word exactly once, in runs of at most 45, whatever the punctuation', () => {
    const word = fc.constantFrom('word', 'word,', 'end.', 'Dr.', 'Really?');
    fc.assert(
      fc.property(fc.array(word, { minLength: 1, maxLength: 200 }), (texts) => {
        const quotes = toQuotes([toPassage(texts.join(' '))]);
        expect(quotes.map((quote) => quote.text).join(' ')).toBe(texts.join(' '));
        expect(quotes.every((quote) => quote.text.split(' ').length <= 45)).toBe(true);
        expect(quotes.every((quote) => quote.endSeconds > quote.startSeconds)).toBe(true);
      }),
    );
  });

  it('makes nothing of a passage without words', () => {
    const passage = toPassage('x');
    passage.chunk.words = [];
    expect(toQuotes([passage])).toEqual([]);
  });
});
