import { expect, it } from 'vitest';
import type { Citation } from '../../contracts/query.ts';
import { countSupport, splitClaims } from './answer-claims.ts';

const cite = (...quotes: string[]): Citation[] =>
  quotes.map((quote) => ({ chunkId: 'x:g:0', lectureId: `lec_${'0'.repeat(24)}`, speaker: 'S1', startSeconds: 0, endSeconds: 1, quote }));

it('gives each stretch of an answer the marks that end it', () => {
  expect(splitClaims('Leaves are green [1]. They absorb red light [2][3]. Nobody knows why.')).toEqual([
    { text: 'Leaves are green', citations: [0] },
    { text: 'They absorb red light', citations: [1, 2] },
    { text: 'Nobody knows why.', citations: [] },
  ]);
  expect(splitClaims('')).toEqual([]);
});

// The cases by which ALCE explains its measures: a citation that carries a claim alone, two that do so only together, one too many.
it.each([
  ['a quote as its own claim', 'Leaves are green. [1]', ['Leaves are green.'], { supported: 1, needed: 1 }],
  [
    'two that do so together',
    'Hamming worked at Bell Laboratories and published his answer in 1950 [1][2]',
    ['Hamming worked at Bell Laboratories', 'he published his answer in 1950'],
    { supported: 1, needed: 2 },
  ],
  [
    'one that says something else',
    'Leaves are green [1][2]',
    ['Leaves are green.', 'Shannon proved a theorem.'],
    { supported: 1, needed: 1 },
  ],
  ['none that bears it out', 'Leaves are green [1]', ['Shannon proved a theorem.'], { supported: 0, needed: 0 }],
  ['no citation', 'Leaves are green', [], { supported: 0, needed: 0 }],
])('counts a claim with %s', (_, text, quotes, expected) => {
  expect(countSupport({ text, citations: cite(...quotes) })).toEqual({ claims: 1, citations: quotes.length, ...expected });
});
