import { expect, it } from 'vitest';
import { entailsLexically } from './lexical-entailment.ts';

const PREMISE = 'To protect a thousand data bits against a single error, you need only 10 parity bits.';

it.each([
  ['the same words', PREMISE, true],
  ['other forms of the words', 'A thousand bits are protected by 10 parity bits', true],
  ['a number that is not there', 'A thousand bits are protected by 12 parity bits', false],
  ['other words', 'Shannon proved that every channel has a capacity', false],
  ['no words', '...', false],
])('judges %s', (_, claim, expected) => {
  expect(entailsLexically(PREMISE, claim)).toBe(expected);
});
