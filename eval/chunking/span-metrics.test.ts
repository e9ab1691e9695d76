import { array, assert, integer, property, uniqueArray } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SPAN_METRICS, scoreSpans } from './span-metrics.ts';

const range = (from: number, to: number): number[] => Array.from({ length: to - from }, (_, index) => from + index);

describe('scoreSpans', () => {
  it('counts a passage as relevant when it holds a relevant word', () => {
    const scores = scoreSpans([range(100, 150), range(0, 50), range(200, 250)], new Set(range(45, 60)), 2);
    expect(scores).toMatchObject({ hit5: 1, mrr: 1 / 2 });
    // One of two relevant passages, at rank 2: (1 / log2 3) of (1 + 1 / log2 3).
    expect(scores.ndcg10).toBeCloseTo(0.6309 / 1.6309, 4);
  });

  it('measures words within a budget, so that a long passage does not win by its length', () => {
    const relevant = new Set(range(0, 100));
    expect(scoreSpans([range(0, 100)], relevant, 1).words250).toBe(1);
    expect(scoreSpans([range(200, 400), range(0, 100)], relevant, 1)).toMatchObject({ words250: 0.5, words1000: 1 });
    expect(scoreSpans([range(-900, 100)], relevant, 1)).toMatchObject({ words250: 0, words1000: 1 });
  });

  it('divides by the budget where more is relevant than fits in', () => {
    expect(scoreSpans([range(0, 5_000)], new Set(range(0, 5_000)), 1)).toMatchObject({ words250: 1, words1000: 1, words2500: 1 });
  });

  it('reads words that passages share once', () => {
    expect(scoreSpans([range(0, 250), range(0, 250), range(250, 500)], new Set(range(250, 500)), 1).words1000).toBe(1);
  });

  it('is nothing for nothing, and stays between 0 and 1', () => {
    for (const metric of SPAN_METRICS) expect(scoreSpans([], new Set([1]), 1)[metric]).toBe(0);
    const words = array(integer({ min: 0, max: 3_000 }), { minLength: 1, maxLength: 40 });
    assert(
      property(array(words, { maxLength: 20 }), uniqueArray(integer({ min: 0, max: 3_000 }), { minLength: 1 }), (passages, relevant) => {
        const wanted = new Set(relevant);
        const offered = passages.filter((each) => each.some((word) => wanted.has(word))).length;
        const scores = scoreSpans(passages, wanted, offered);
        for (const metric of SPAN_METRICS) {
          expect(scores[metric]).toBeGreaterThanOrEqual(0);
          expect(scores[metric]).toBeLessThanOrEqual(1 + 1e-9);
        }
      }),
    );
  });
});
