import { readFileSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { stemWord } from './porter-stemmer.ts';
import { toWords } from './terms.ts';

/** The reference: what FTS5's own `porter` makes of words. */
function stemsOfFts5(words: readonly string[]): Map<string, string> {
  const db = new DatabaseSync(':memory:');
  db.exec(`CREATE VIRTUAL TABLE texts USING fts5(text, tokenize = 'porter unicode61 remove_diacritics 2');
           CREATE VIRTUAL TABLE stems USING fts5vocab(texts, 'instance');`);
  const insert = db.prepare('INSERT INTO texts (rowid, text) VALUES (?, ?)');
  for (const [index, word] of words.entries()) insert.run(index + 1, word);
  const rows = db.prepare('SELECT doc, term FROM stems').all() as { doc: number; term: string }[];
  db.close();
  return new Map(rows.map(({ doc, term }) => [words[doc - 1]!, term]));
}

describe('stemWord', () => {
  it('agrees with FTS5 on the words of this project', () => {
    const text = ['../LICENSE', '../contracts/config.ts', './vector-index.ts', './porter-stemmer.ts']
      .map((path) => new URL(path, import.meta.url))
      .map((url) => readFileSync(url, 'utf8'))
      .join('\n');
    const words = [...new Set(toWords(text))].filter((word) => /^[a-z]+$/.test(word));
    expect(words.length).toBeGreaterThan(400);
    const stems = stemsOfFts5(words);
    expect(words.filter((word) => stemWord(word) !== stems.get(word)).map((word) => [word, stemWord(word), stems.get(word)])).toEqual([]);
  });

  it('agrees with FTS5 on made-up words', () => {
    const part = fc.constantFrom('a', 'e', 'i', 'o', 'y', 'b', 'll', 'tt', 's', 'z', 'w', 'hop', 'troubl', 'siz', 'fail', 'relat', 'oper');
    const suffix = fc.constantFrom(
      'ed', 'ing', 'eed', 's', 'es', 'ies', 'sses', 'ational', 'tional', 'izer', 'ousli', 'iveness', 'biliti', 'icate', 'ative', 'ical', 'ness',
      'ement', 'ment', 'ent', 'ion', 'tion', 'sion', 'ive', 'ize', 'e', 'l', 'ly', 'y', 'logi', 'alli', 'ful', 'ism', 'able', 'al', 'ence', '',
    ); // prettier-ignore
    const word = fc.tuple(fc.array(part, { minLength: 1, maxLength: 5 }), suffix).map(([parts, end]) => parts.join('') + end);
    fc.assert(
      fc.property(fc.uniqueArray(word, { minLength: 20, maxLength: 60 }), (words) => {
        const stems = stemsOfFts5(words);
        expect(words.map((made) => [made, stemWord(made)])).toEqual(words.map((made) => [made, stems.get(made)]));
      }),
      { numRuns: 60 },
    );
  });

  it('leaves other scripts alone', () => {
    expect(['学', 'энергии', '42', 'go'].map(stemWord)).toEqual(['学', 'энергии', '42', 'go']);
  });
});
