import { array, assert, constantFrom, integer, property, record } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { findAt, findPhrase, toParagraphs, type TranscriptWord } from './paragraphs.ts';

function wordsOf(texts: readonly string[], from = 0): TranscriptWord[] {
  return texts.map((text, n) => ({
    text,
    startSeconds: from + n,
    endSeconds: from + n + 0.5,
    confidence: 1,
    speaker: 'S1',
    speakerSource: 'overlap',
  }));
}

describe('paragraphs of a transcript', () => {
  it('hold every word once, in order, and never too many', () => {
    const turn = record({
      speaker: constantFrom('S1', 'S2', null),
      texts: array(constantFrom('so', 'it', 'ends.', 'why?'), { maxLength: 400 }),
    });
    assert(
      property(array(turn, { maxLength: 6 }), (turns) => {
        const made = toParagraphs(turns.map(({ speaker, texts }) => ({ speaker, startSeconds: 0, endSeconds: 0, words: wordsOf(texts) })));
        expect(made.flatMap(({ words }) => words.map(({ text }) => text))).toEqual(turns.flatMap(({ texts }) => texts));
        let position = 0;
        for (const { words, firstWord } of made) {
          expect(words.length).toBeGreaterThan(0);
          expect(words.length).toBeLessThanOrEqual(120);
          expect(firstWord).toBe(position);
          position += words.length;
        }
      }),
    );
  });

  it('end at sentences where there are some', () => {
    const texts = Array.from({ length: 100 }, (_, n) => (n % 10 === 9 ? 'end.' : 'word'));
    const made = toParagraphs([{ speaker: 'S1', startSeconds: 0, endSeconds: 100, words: wordsOf(texts) }]);
    expect(made.map(({ words, isNewTurn }) => [words.length, isNewTurn])).toEqual([
      [60, true],
      [40, false],
    ]);
  });
});

describe('the word at a second', () => {
  it('is the last that has begun', () => {
    assert(
      property(array(integer({ min: 0, max: 50 }), { maxLength: 30 }), integer({ min: -1, max: 51 }), (numbers, second) => {
        const starts = [...numbers].sort((a, b) => a - b).map((startSeconds) => ({ startSeconds }));
        expect(findAt(starts, second)).toBe(starts.filter(({ startSeconds }) => startSeconds <= second).length - 1);
      }),
    );
  });
});

describe('a phrase in a transcript', () => {
  it('is found by its words, whatever their case, accents and punctuation, the last one by its beginning', () => {
    const words = wordsOf(['The', 'Élan', 'vital,', 'said', 'he:', 'the', 'elan', 'vitally', 'matters.']);
    expect(findPhrase(words, 'elan vital')).toEqual([1, 6]);
    expect(findPhrase(words, 'THE ELAN')).toEqual([0, 5]);
    expect(findPhrase(words, ' ')).toEqual([]);
  });
});
