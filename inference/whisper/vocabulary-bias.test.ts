import { expect, it } from 'vitest';
import type { TermBias } from './term-bias.ts';
import { byteTokens, createTinyTokenizer } from './tiny-tokenizer.fixture.ts';
import { createVocabularyBias } from './vocabulary-bias.ts';

const tokenizer = createTinyTokenizer();

function gainOf(bias: TermBias | undefined, text: string): number {
  let place = bias!.start;
  let total = 0;
  for (const token of byteTokens(text)) {
    const moved = bias!.advance(place, token);
    place = moved.place;
    total += moved.gain;
  }
  return total;
}

it('is none without terms', () => {
  expect(createVocabularyBias([], tokenizer)).toBeUndefined();
});

it('favours terms as they are spelled, at the beginning of words and of sentences', () => {
  const bias = createVocabularyBias(['Noether', 'ideal'], tokenizer);
  expect(gainOf(bias, ' of Noether.')).toBeGreaterThan(0);
  expect(gainOf(bias, ' an ideal.')).toBeGreaterThan(0);
  expect(gainOf(bias, ' Ideal!')).toBeGreaterThan(0);
  expect(gainOf(bias, ' of noether.')).toBe(0);
  expect(gainOf(bias, ' reNoether.')).toBe(0);
});

it('looks for terms within text where no spaces are written', () => {
  const bias = createVocabularyBias(['知識'], tokenizer);
  expect(gainOf(bias, '判断的知識が')).toBeGreaterThan(0);
});
