import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { MAX_TERMS, VocabularyTextSchema } from '../../contracts/vocabulary.ts';
import { gatherVocabulary } from './gather-vocabulary.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lectern-vocabulary-'));
});
afterEach(() => rm(folder, { recursive: true }));

async function handout(text: string): Promise<string> {
  const path = join(folder, 'handout.txt');
  await writeFile(path, text);
  return path;
}

it('puts given terms before those of a handout, and tells what it found', async () => {
  const notes: string[] = [];
  const path = await handout('We follow Emmy Noether. A syzygy, said Grothendieck.');
  const text = await gatherVocabulary({ vocabulary: 'Hamming, syzygy', vocabularyFrom: [path] }, (line) => notes.push(line));
  expect(VocabularyTextSchema.parse(text).slice(0, 3)).toEqual(['Hamming', 'syzygy', 'Emmy Noether']);
  expect(notes).toHaveLength(1);
  expect(notes[0]).toMatch(/handout\.txt: \d terms, .*Emmy Noether/);
});

it('keeps to what an upload takes, however long the handout is', async () => {
  const letters = 'abcdefghijklmnop'.split('');
  const path = await handout(letters.flatMap((a) => letters.map((b) => `qx${a}zw${b}vk`)).join(' '));
  const text = await gatherVocabulary({ vocabularyFrom: [path] }, () => undefined);
  expect(VocabularyTextSchema.parse(text)).toHaveLength(MAX_TERMS);
});

it('is nothing without terms, and refuses terms that are none', async () => {
  expect(await gatherVocabulary({}, () => undefined)).toBeUndefined();
  expect(await gatherVocabulary({ vocabularyFrom: [await handout('and then we were there')] }, () => undefined)).toBeUndefined();
  await expect(gatherVocabulary({ vocabulary: 'a\u0007b' }, () => undefined)).rejects.toMatchObject({ kind: 'invalid-input' });
});
