import { array, assert, constantFrom, property } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { findTopics } from './topics.ts';

function toTimedWords(texts: readonly string[]) {
  return texts.map((text, index) => ({ text, startSeconds: index, endSeconds: index + 1 }));
}

/** Sentences of eight words, each with three of the topic's own in turn. */
function speakOf(terms: readonly string[], sentences: number): string[] {
  return Array.from({ length: sentences }, (_, index) => {
    const at = (offset: number): string => terms[(index + offset) % terms.length]!;
    return `so the ${at(0)} of ${at(1)} and ${at(2)}.`.split(' ');
  }).flat();
}

const BIOLOGY = ['chlorophyll', 'leaves', 'sunlight', 'carbon'];
const MUSIC = ['violin', 'sonata', 'harmony', 'composer'];
const LAW = ['contract', 'liability', 'court', 'plaintiff'];

describe('findTopics', () => {
  it('finds where the vocabulary changes, at a sentence, and names each part by its own words', () => {
    const parts = [BIOLOGY, MUSIC, LAW].map((terms) => speakOf(terms, 90));
    const topics = findTopics(toTimedWords(parts.flat()));
    expect(topics).toHaveLength(3);
    for (const [index, terms] of [BIOLOGY, MUSIC, LAW].entries()) {
      expect(topics[index]!.terms.toSorted()).toEqual(terms.toSorted());
      const begins = parts.slice(0, index).flat().length;
      expect(Math.abs(topics[index]!.startSeconds - begins)).toBeLessThanOrEqual(60);
    }
    const words = parts.flat();
    for (const { startSeconds } of topics.slice(1)) expect(words[startSeconds - 1]).toMatch(/\.$/);
  });

  it('has one topic without a name where nothing changes, and none without words', () => {
    expect(findTopics(toTimedWords(speakOf(BIOLOGY, 10)))).toEqual([{ startSeconds: 0, endSeconds: 70, terms: [] }]);
    expect(findTopics([])).toEqual([]);
  });

  it('covers all words, in order, whatever is said', () => {
    const word = constantFrom(...BIOLOGY, ...MUSIC, 'the', 'and.', 'is', "don't", '7', '。', '');
    assert(
      property(array(word, { minLength: 1, maxLength: 1_500, size: 'max' }), (texts) => {
        const topics = findTopics(toTimedWords(texts));
        expect(topics.at(-1)!.endSeconds).toBe(texts.length);
        for (const [index, { startSeconds, endSeconds }] of topics.entries()) {
          expect(endSeconds).toBeGreaterThan(startSeconds);
          expect(startSeconds).toBe(topics[index - 1]?.endSeconds ?? 0);
        }
      }),
      { numRuns: 30 },
    );
  });
});
