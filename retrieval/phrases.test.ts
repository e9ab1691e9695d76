import { array, assert, constantFrom, property } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { findPhrases, holdsPhrase } from './phrases.ts';

describe('findPhrases', () => {
  it('takes what stands in quotation marks of any kind, and nothing else', () => {
    expect(findPhrases('Who said "gradient descent", “so what” or „das Haus“ and «la vie»?')).toEqual([
      'gradient descent',
      'so what',
      'das Haus',
      'la vie',
    ]);
    expect(findPhrases("What's the lecturer's point?")).toEqual([]);
    expect(findPhrases('a stray " mark')).toEqual([]);
    expect(findPhrases('nothing in "" and "?!"')).toEqual([]);
  });
});

describe('holdsPhrase', () => {
  it('holds words side by side only, and whole ones', () => {
    expect(holdsPhrase('We use Gradient-Descent; daily.', 'gradient descent')).toBe(true);
    expect(holdsPhrase('We use stochastic gradients', 'gradient')).toBe(false);
    expect(holdsPhrase('descent by gradient', 'gradient descent')).toBe(false);
  });

  it('holds every run of its own words, whatever stands between them', () => {
    const word = constantFrom('enzyme', 'Über', 'naïve', '42', 'x');
    const mark = constantFrom(' ', ', ', '. ', ' – ', '; ');
    assert(
      property(array(word, { minLength: 1, maxLength: 8 }), array(mark, { minLength: 8, maxLength: 8 }), (words, marks) => {
        const text = words.map((one, at) => one + marks[at]!).join('');
        for (let from = 0; from < words.length; from++) expect(holdsPhrase(text, words.slice(from).join(' ').toUpperCase())).toBe(true);
      }),
    );
  });
});
