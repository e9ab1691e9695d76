import { expect, it } from 'vitest';
import { addCounts, countTerms } from './term-recall.ts';

it('counts what is found, missed and invented, whatever the case', () => {
  const reference = 'emmy noether wrote of ideals and noether of rings';
  const hypothesis = 'Emmy Noether wrote of ideals, and Nurture of Rings. Hilbert!';
  expect(countTerms(['Emmy Noether', 'Noether', 'Hilbert'], reference, hypothesis, 'en')).toEqual({ spoken: 3, found: 2, invented: 1 });
  expect(countTerms(['noether', 'Noether'], reference, hypothesis, 'en')).toEqual({ spoken: 2, found: 1, invented: 0 });
});

it('adds up recordings', () => {
  const one = { spoken: 2, found: 1, invented: 0 };
  expect(addCounts([one, one, { spoken: 0, found: 0, invented: 3 }])).toEqual({ spoken: 4, found: 2, invented: 3 });
});
