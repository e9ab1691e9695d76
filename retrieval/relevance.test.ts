import { describe, expect, it } from 'vitest';
import type { RankedQuote } from './quote-ranker.ts';
import type { FoundPassage } from './read-passages.ts';
import { isRelevant } from './relevance.ts';

const lectureId = `lec_${'1'.repeat(24)}`;

/** A passage of one quote, as near to the question as told. */
function find(text: string, similarity: number, overlap: number): [FoundPassage[], RankedQuote[]] {
  const span = { startSeconds: 0, endSeconds: 4 };
  const chunk = { chunkId: 'c', lectureId, ordinal: 0, speaker: 'S1', text, context: null, words: [], ...span };
  const passage: FoundPassage = { chunk, hit: { ...chunk, score: 1, legs: { dense: { rank: 1, score: similarity } } } };
  return [[passage], [{ quote: { passage, rank: 0, text, ...span }, similarity, overlap, passageOverlap: overlap, score: 1 }]];
}

describe('isRelevant', () => {
  it('is so for what is near, by words or by meaning, and not for what is neither', () => {
    expect(isRelevant('Why?', ...find('Leaves reflect green light.', 0.7, 0.2))).toBe(true);
    expect(isRelevant('Why?', ...find('Leaves reflect green light.', 0.4, 0.8))).toBe(true);
    expect(isRelevant('Why?', ...find('Leaves reflect green light.', 0.2, 0.2))).toBe(false);
    expect(isRelevant('Why?', [], [])).toBe(false);
  });

  it('wants more of a quote that has no number where one is asked for', () => {
    expect(isRelevant('How many leaves has it?', ...find('It has leaves.', 0.5, 0.5))).toBe(false);
    expect(isRelevant('How many leaves has it?', ...find('It has ten leaves.', 0.5, 0.5))).toBe(true);
    expect(isRelevant('How many leaves has it?', ...find('It has leaves without end.', 0.9, 1))).toBe(true);
  });
});
