import { array, assert, property, constantFrom } from 'fast-check';
import { expect, it } from 'vitest';
import golden from '../../tests/golden/bleu.json' with { type: 'json' };
import { corpusBleu, countBleu } from './bleu.ts';

it.each(golden.cases)('scores "$hypothesis" as sacreBLEU does', ({ reference, hypothesis, bleu }) => {
  expect(corpusBleu([countBleu(reference, hypothesis)])).toBeCloseTo(bleu, 8);
});

it('pools counts over a corpus', () => {
  expect(corpusBleu(golden.cases.map(({ reference, hypothesis }) => countBleu(reference, hypothesis)))).toBeCloseTo(golden.corpus, 8);
  expect(corpusBleu([])).toBeNull();
});

it('is 100 for the same text of four words or more, and never above', () => {
  const text = array(constantFrom('parity', 'bit', 'code', '7', 'a,', 'end.'), { minLength: 4, maxLength: 20 });
  assert(
    property(text, text, (reference, hypothesis) => {
      expect(corpusBleu([countBleu(reference.join(' '), reference.join(' '))])).toBeCloseTo(100);
      expect(corpusBleu([countBleu(reference.join(' '), hypothesis.join(' '))])).toBeLessThanOrEqual(100.000001);
    }),
  );
});
