import { expect, it } from 'vitest';
import { fitsAnswerType } from './answer-type.ts';

it.each([
  ['How many parity bits are needed?', 'You need only ten parity bits.', 1],
  ['How many parity bits are needed?', 'The parity bits sit between the others.', 0],
  ['How many of the 7 bits are data bits?', 'Of the 7 bits some are data bits.', 0],
  ['When was it published?', 'He published it in 1950.', 1],
  ['When could he use the machine?', 'Only at weekends.', 1],
  ['When was it published?', 'He published it at last.', 0],
  ['When was the lower case invented?', 'It was invented in the early Middle Ages.', 1],
  ['In welchem Jahr erschien es?', 'Es erschien 1950.', 1],
  ['Wie viele Bits braucht man?', 'Man braucht zehn.', 1],
  ['Why was he angry?', 'The machine gave up.', 0.5],
  ['How does the code work?', 'We take four data bits.', 0.5],
])('judges for "%s" the quote "%s"', (question, quote, expected) => {
  expect(fitsAnswerType(question, quote)).toBe(expected);
});
