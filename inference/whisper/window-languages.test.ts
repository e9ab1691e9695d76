import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Segment } from '../../contracts/transcript.ts';
import { decideLanguages, wordsSureness, type LanguageEvidence } from './window-languages.ts';

const KNOWN = ['de', 'en', 'cy'];

function sounding(seconds: number, ...probabilities: number[]): LanguageEvidence {
  return { seconds, probabilities: Float64Array.from(probabilities) };
}

describe('decideLanguages', () => {
  it('weighs windows by their length, and hears short and unsure ones in the language of the recording', () => {
    const decided = decideLanguages([sounding(30, 0, 1, 0), sounding(1, 0, 0.02, 0.98), sounding(30, 0.45, 0.35, 0.2)], KNOWN, null);
    expect(decided.language).toBe('en');
    expect(decided.probability).toBeCloseTo((30 + 0.02 + 30 * 0.35) / 61, 6);
    expect(decided.ofWindows).toEqual(['en', 'en', 'en']);
  });

  it('hears each window in its own language where it is sure of it', () => {
    const windows = [sounding(30, 0.01, 0.98, 0.01), sounding(28, 0.97, 0.02, 0.01), sounding(29, 0, 1, 0)];
    expect(decideLanguages(windows, KNOWN, null).ofWindows).toEqual(['en', 'de', 'en']);
  });

  it('takes the expected language for that of the recording, if the model knows it', () => {
    const windows = [sounding(20, 0.5, 0.4, 0.1), sounding(20, 0.95, 0.05, 0)];
    expect(decideLanguages(windows, KNOWN, 'en')).toMatchObject({ language: 'en', ofWindows: ['en', 'de'] });
    expect(decideLanguages(windows, KNOWN, 'fr')).toMatchObject({ language: 'de', ofWindows: ['de', 'de'] });
    expect(decideLanguages([], KNOWN, 'en')).toEqual({ language: 'en', probability: 0, candidates: [], ofWindows: [] });
  });

  it('names candidates where the sound leaves it open', () => {
    expect(decideLanguages([sounding(6, 0.3, 0.2, 0.4)], KNOWN, null).candidates).toEqual(['cy', 'de', 'en']);
    expect(decideLanguages([sounding(6, 0.2, 0.05, 0.75)], KNOWN, null).candidates).toEqual([]);
    expect(decideLanguages([sounding(6, 0.3, 0.2, 0.4)], KNOWN, 'de').candidates).toEqual([]);
    expect(decideLanguages([sounding(2, 0.3, 0.2, 0.4)], KNOWN, null).candidates).toEqual([]);
  });

  it('gives every window a language that is known, and a recording in one language that one', () => {
    const window = fc
      .tuple(
        fc.double({ min: 0.1, max: 30, noNaN: true }),
        fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 3, maxLength: 3 }),
      )
      .map(([seconds, probabilities]) => sounding(seconds, ...probabilities));
    fc.assert(
      fc.property(fc.array(window, { minLength: 1 }), fc.integer({ min: 0, max: 2 }), (windows, index) => {
        for (const language of decideLanguages(windows, KNOWN, null).ofWindows) expect(KNOWN).toContain(language);
        const pure = windows.map(({ seconds }) => sounding(seconds, ...KNOWN.map((_, other) => (other === index ? 0.7 : 0.15))));
        expect(new Set(decideLanguages(pure, KNOWN, null).ofWindows)).toEqual(new Set([KNOWN[index]]));
      }),
    );
  });
});

describe('wordsSureness', () => {
  const segment = (words: number, averageLogProbability: number, temperature = 0): Segment => ({
    words: Array.from({ length: words }, () => ({ text: 'a', confidence: 1, startSeconds: 0, endSeconds: 1 })),
    startSeconds: 0,
    endSeconds: 1,
    noSpeechProbability: 0,
    averageLogProbability,
    temperature,
  });

  it('weighs segments by their words, doubts what took a fallback, and is least of nothing', () => {
    expect(wordsSureness([segment(3, -0.2), segment(1, -0.6)])).toBeCloseTo(-0.3, 6);
    expect(wordsSureness([segment(20, -0.1, 0.4)])).toBe(-1);
    expect(wordsSureness([])).toBe(Number.NEGATIVE_INFINITY);
  });
});
