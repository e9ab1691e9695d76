import { array, assert, asyncProperty, record, string } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { rewriteQuestion, type PastTurn } from './rewrite-question.ts';

const toHistory = (...questions: string[]): PastTurn[] => questions.map((question) => ({ question, answer: 'So it is.' }));

describe('rewriteQuestion without a language model', () => {
  it.each([
    ['How long does it take?', 'How long does it take? happens chromosomes mitosis'],
    ['And in plants?', 'And in plants? happens chromosomes mitosis'],
    ['Why?', 'Why? happens chromosomes mitosis'],
    ['What about chromosomes in bacteria?', 'What about chromosomes in bacteria? happens mitosis'],
    ['Can they be counted?', 'Can they be counted? happens chromosomes mitosis'],
  ])('gives "%s" the terms of the question before it', async (question, expected) => {
    expect(await rewriteQuestion(toHistory('What happens to chromosomes in mitosis?'), question, null)).toBe(expected);
  });

  it.each([
    'What does the spindle consist of?',
    'Which theorem that Gauss proved is used here?',
    'Was ist das Prinzip der Osmose?',
    'Gibt es Ausnahmen vom zweiten Hauptsatz?',
  ])('leaves "%s" alone: it can be understood', async (question) => {
    expect(await rewriteQuestion(toHistory('What happens to chromosomes in mitosis?'), question, null)).toBe(question);
  });

  it('goes back past questions that lean on others themselves', async () => {
    const history = toHistory('What is osmosis through membranes?', 'How fast is it?');
    expect(await rewriteQuestion(history, 'And why?', null)).toBe('And why? fast osmosis membranes');
  });

  it('understands German that leans back', async () => {
    const history = toHistory('Wie funktioniert die Osmose durch Membranen?');
    expect(await rewriteQuestion(history, 'Wie schnell ist sie?', null)).toBe('Wie schnell ist sie? funktioniert osmose membranen');
  });

  it('keeps the words of the question in front and adds words of earlier questions only', async () => {
    const turns = array(record({ question: string({ minLength: 1 }), answer: string() }), { maxLength: 4 });
    await assert(
      asyncProperty(turns, string({ minLength: 1 }), async (history, question) => {
        const rewritten = await rewriteQuestion(history, question, null);
        expect(rewritten.startsWith(question)).toBe(true);
        expect(rewritten.slice(question.length).split(' ').length).toBeLessThanOrEqual(9);
      }),
    );
  });
});
