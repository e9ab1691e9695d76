import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createTermBias, type TermBias } from './term-bias.ts';

/** What a text has gained in all by its last token. */
function gainOf(bias: TermBias, tokens: readonly number[]): number {
  let place = bias.start;
  let total = 0;
  for (const token of tokens) {
    const moved = bias.advance(place, token);
    place = moved.place;
    total += moved.gain;
  }
  return total;
}

const words = fc.array(fc.array(fc.integer({ min: 0, max: 3 }), { minLength: 1, maxLength: 4 }), { maxLength: 5 });

describe('createTermBias', () => {
  const bias = createTermBias(
    [
      [1, 2, 3],
      [1, 2, 3, 4, 5],
      [6, 1],
    ],
    2,
  );

  it('pays for each token of a whole term', () => {
    expect(gainOf(bias, [9, 1, 2, 3, 9])).toBe(6);
    expect(gainOf(bias, [1, 2, 3, 4, 5, 9, 6, 1, 9])).toBe(14);
  });

  it('takes back what was paid for a term that was not finished', () => {
    expect(gainOf(bias, [1, 2])).toBe(4);
    expect(gainOf(bias, [1, 2, 9])).toBe(0);
    // The shorter of two terms stays paid when the longer is not finished.
    expect(gainOf(bias, [1, 2, 3, 4, 9])).toBe(6);
  });

  it('begins anew where one term breaks into another', () => {
    expect(gainOf(bias, [1, 2, 6, 1, 9])).toBe(4);
  });

  it('leaves text without terms as it is, and no debt after any text', () => {
    expect(gainOf(bias, [9, 2, 3, 5, 9])).toBe(0);
    expect(gainOf(createTermBias([], 2), [1, 2])).toBe(0);
    fc.assert(
      fc.property(words, fc.array(fc.integer({ min: 0, max: 4 })), (terms, text) => {
        const gain = gainOf(createTermBias(terms, 1), [...text, 99]);
        expect(gain).toBeGreaterThanOrEqual(0);
        expect(gain).toBeLessThanOrEqual(text.length);
      }),
    );
  });
});
