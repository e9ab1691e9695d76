import { describe, expect, it } from 'vitest';
import { toSearchTerms, toWords } from './terms.ts';

describe('toWords', () => {
  it('folds case and diacritics and drops punctuation', () => {
    expect(toWords('Schrödinger’s “CAT”: 3.5 µm, naïve—学 x_1')).toEqual([
      'schrodinger',
      's',
      'cat',
      '3',
      '5',
      'μm',
      'naive',
      '学',
      'x',
      '1',
    ]);
  });
});

describe('toSearchTerms', () => {
  it('keeps what tells one passage from another, once', () => {
    expect(toSearchTerms('What is the entropy of a system, and why is entropy not energy?')).toEqual(['entropy', 'system', 'energy']);
    expect(toSearchTerms('Wofür und für wen ist die Entropie?')).toEqual(['wofur', 'wen', 'entropie']);
  });

  it('keeps all of a question that is made of nothing else', () => {
    expect(toSearchTerms('To be or not to be?')).toEqual(['to', 'be', 'or', 'not']);
    expect(toSearchTerms('?!')).toEqual([]);
  });
});
