import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { stemGermanWord } from './german-stemmer.ts';

/** Made by `make_german_stems.py` with Snowball's own stemmer. */
const golden = JSON.parse(readFileSync(new URL('../../tests/golden/german-stems.json', import.meta.url), 'utf8')) as Record<string, string>;

it('agrees with Snowball on every rule', () => {
  const words = Object.entries(golden);
  expect(words.length).toBeGreaterThan(1_500);
  expect(words.filter(([word, stem]) => stemGermanWord(word) !== stem).map(([word, stem]) => [word, stem, stemGermanWord(word)])).toEqual(
    [],
  );
});

it('leaves letters of any other kind alone', () => {
  expect(['', 's', '42', '学', 'x1'].map(stemGermanWord)).toEqual(['', 's', '42', '学', 'x1']);
});
