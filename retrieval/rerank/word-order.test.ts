import { array, assert, asyncProperty, constantFrom, integer, record } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { toFoundPassage, toStageContext } from '../found-passage.fixture.ts';
import { wordOrder } from './word-order.ts';

async function rank(question: string, texts: readonly string[], scores: readonly number[] = []): Promise<string[]> {
  const passages = texts.map((text, ordinal) => toFoundPassage(text, { ordinal, score: scores[ordinal] ?? 1 }));
  const ranked = await wordOrder.run(passages, toStageContext({ question }));
  return ranked.map(({ chunk }) => chunk.text);
}

describe('wordOrder', () => {
  it('puts first what says the terms in the order of the question', async () => {
    const texts = ['the bank of blood was near the river', 'the blood bank was near the river', 'nothing of the kind'];
    expect((await rank('Where was the blood bank?', texts))[0]).toBe(texts[1]);
  });

  it('puts first what says the terms close to each other', async () => {
    const filler = 'and then we went on to other things '.repeat(6);
    const texts = [
      `enzymes are proteins ${filler} and temperature rises`,
      `enzymes need a temperature ${filler} and so on`,
      'other things',
    ];
    expect((await rank('What temperature do enzymes need?', texts))[0]).toBe(texts[1]);
  });

  it('knows a term by its stem', async () => {
    const texts = ['cells were dividing while nothing grew', 'the dividing of cells is slow', 'cell divisions are slow'];
    expect((await rank('How slow is cell division?', texts))[0]).toBe(texts[2]);
  });

  it('knows German terms by their stems', async () => {
    const texts = ['die Häuser sind alt und die Dächer der Kirchen', 'ein Dach auf den alten Häusern der Stadt', 'etwas ganz anderes'];
    expect((await rank('Welches Dach haben alte Häuser?', texts))[0]).toBe(texts[1]);
  });

  it('leaves the order alone where no passage says a term, and where the question has none', async () => {
    const texts = ['alpha', 'beta', 'gamma'];
    expect(await rank('Why delta?', texts, [3, 2, 1])).toEqual(texts);
    expect(await rank('?', texts, [3, 2, 1])).toEqual(texts);
    expect(await rank('Why?', [])).toEqual([]);
  });

  it('keeps every passage once, with falling scores, whatever the scale of the fusion', async () => {
    const word = constantFrom('blood', 'bank', 'river', 'near', 'stone');
    const passages = array(record({ words: array(word, { minLength: 1, maxLength: 40 }), score: integer({ min: 0, max: 100 }) }), {
      maxLength: 12,
    });
    await assert(
      asyncProperty(passages, array(word, { maxLength: 5 }), constantFrom(1, 1e-3), async (given, question, scale) => {
        const found = given.map(({ words, score }, ordinal) => toFoundPassage(words.join(' '), { ordinal, score: score * scale }));
        const context = toStageContext({ question: question.join(' ') });
        const ranked = await wordOrder.run(found, context);
        expect(ranked.map(({ chunk }) => chunk.ordinal).toSorted((a, b) => a - b)).toEqual(found.map((_, ordinal) => ordinal));
        const scores = ranked.map(({ hit }) => hit.score);
        expect(scores).toEqual(scores.toSorted((a, b) => b - a));
      }),
    );
  });
});
