import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { allowedTokens, endsInLoop } from './decoding-rules.ts';
import type { SpecialTokens } from './tokenizer.ts';

const special: SpecialTokens = {
  endOfText: 100,
  startOfTranscript: 101,
  transcribe: 103,
  noSpeech: 104,
  noTimestamps: 105,
  timestampBegin: 106,
};
const VOCABULARY = 106 + 1501;

describe('allowedTokens', () => {
  it('begins with a time of at most one second', () => {
    expect(allowedTokens([], special, VOCABULARY)).toEqual({ text: { start: 0, end: 0 }, timestamps: { start: 106, end: 157 } });
  });

  it('wants text after the first time, and after a pair', () => {
    expect(allowedTokens([106], special, VOCABULARY).timestamps).toEqual({ start: 0, end: 0 });
    expect(allowedTokens([106, 5, 120, 120], special, VOCABULARY).timestamps).toEqual({ start: 0, end: 0 });
  });

  it('lets a time after text be followed by its twin, a later one or the end', () => {
    expect(allowedTokens([106, 5, 120], special, VOCABULARY)).toEqual({
      text: { start: 100, end: 106 },
      timestamps: { start: 120, end: VOCABULARY },
    });
  });

  it('never lets time go back, whatever is sampled', () => {
    fc.assert(
      fc.property(fc.array(fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true }), { maxLength: 60 }), (picks) => {
        const sampled: number[] = [];
        for (const pick of picks) {
          const { text, timestamps } = allowedTokens(sampled, special, VOCABULARY);
          const options = text.end - text.start + (timestamps.end - timestamps.start);
          if (options === 0) break;
          const index = Math.floor(pick * options);
          const token = index < text.end - text.start ? text.start + index : timestamps.start + index - (text.end - text.start);
          if (token === special.endOfText) break;
          sampled.push(token);
        }
        const times = sampled.filter((token) => token >= special.timestampBegin);
        expect(times).toEqual(times.toSorted((a, b) => a - b));
      }),
    );
  });
});

describe('endsInLoop', () => {
  it('sees a phrase that repeats', () => {
    const phrase = [7, 8, 9, 10, 11];
    expect(endsInLoop([1, 2, 3, ...phrase, ...phrase, ...phrase, ...phrase, ...phrase, ...phrase])).toBe(true);
  });

  it('bears a few repetitions', () => {
    expect(endsInLoop([1, 2, 3, 3, 3, 3, 3, 3])).toBe(false);
    expect(endsInLoop([1, 2, 3, 4, 1, 2, 3, 4, 1, 2, 3, 4])).toBe(false);
  });

  it('sees one token without end', () => {
    expect(endsInLoop([1, ...Array.from({ length: 24 }, () => 5)])).toBe(true);
  });
});
