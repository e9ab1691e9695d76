import { array, assert, asyncProperty, constantFrom, integer, record } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { toFoundPassage, toStageContext } from '../found-passage.fixture.ts';
import { createDiversity } from './diversity.ts';

describe('createDiversity', () => {
  const passages = [
    toFoundPassage('enzymes lower the activation energy of reactions', { ordinal: 0, score: 1 }),
    toFoundPassage('enzymes lower activation energy in many reactions', { ordinal: 0, lecture: 2, score: 0.98 }),
    toFoundPassage('temperature denatures proteins such as catalase', { ordinal: 7, score: 0.7 }),
  ];

  it('puts what says something else before what says the same again', async () => {
    const diverse = await createDiversity(0.6).run(passages, toStageContext({ limit: 3 }));
    expect(diverse.map(({ chunk }) => [chunk.lectureId.slice(-1), chunk.ordinal])).toEqual([
      ['1', 0],
      ['1', 7],
      ['2', 0],
    ]);
  });

  it('leaves the order alone when it asks for relevance only, and where nothing is alike', async () => {
    const order = (found: typeof passages): string => found.map(({ hit }) => hit.chunkId).join(' ');
    expect(order(await createDiversity(1).run(passages, toStageContext()))).toBe(order(passages));
    const unlike = ['alpha', 'beta', 'gamma'].map((text, ordinal) => toFoundPassage(text, { ordinal, score: 1 - ordinal / 100 }));
    expect(order(await createDiversity(0.5).run(unlike, toStageContext()))).toBe(order(unlike));
  });

  it('returns distinct passages of those given, the best first, with falling scores, as many as are wanted', async () => {
    const word = constantFrom('blood', 'bank', 'river', 'near', 'stone');
    const given = array(record({ words: array(word, { minLength: 1, maxLength: 6 }), score: integer({ min: 1, max: 100 }) }), {
      maxLength: 12,
    });
    await assert(
      asyncProperty(given, integer({ min: 1, max: 14 }), constantFrom(0.3, 0.7, 0.9), async (entries, limit, relevance) => {
        const found = entries
          .toSorted((a, b) => b.score - a.score)
          .map(({ words, score }, ordinal) => toFoundPassage(words.join(' '), { ordinal, score }));
        const diverse = await createDiversity(relevance).run(found, toStageContext({ limit }));
        expect(diverse).toHaveLength(Math.min(limit, found.length));
        expect(new Set(diverse.map(({ chunk }) => chunk.ordinal)).size).toBe(diverse.length);
        expect(diverse[0]?.chunk.ordinal).toBe(found[0]?.chunk.ordinal);
        const scores = diverse.map(({ hit }) => hit.score);
        expect(scores).toEqual(scores.toSorted((a, b) => b - a));
      }),
    );
  });
});
