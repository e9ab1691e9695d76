import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { expect, it } from 'vitest';
import { parseConfig } from '../../contracts/config.ts';
import { openModelStore, toModelStoreOptions } from '../../inference/models/store.ts';
import { readWhisperVocabulary } from '../../inference/whisper/vocabulary-file.ts';
import { splitWords } from '../../inference/whisper/word-split.ts';

interface Golden {
  special: { endOfText: number; noSpeech: number; timestampBegin: number };
  cases: { language: string; ids: number[]; text: string; words: string[]; counts: number[]; start: number[] }[];
}

const golden = JSON.parse(await readFile(join(import.meta.dirname, '../golden/whisper-words.json'), 'utf8')) as Golden;
const files = await (await openModelStore(toModelStoreOptions(parseConfig(process.env)))).ensure('whisper-base');
const { tokenizer } = await readWhisperVocabulary(dirname(files.path('tokenizer.json')));

it('knows the control tokens and 99 languages', () => {
  expect(tokenizer.special).toMatchObject(golden.special);
  expect(tokenizer.languages.size).toBe(99);
});

it.each(golden.cases)(
  'encodes, decodes and splits as the reference does: $language $text',
  ({ language, ids, text, words, counts, start }) => {
    expect(tokenizer.decode(ids)).toBe(text);
    expect(tokenizer.encode(text)).toEqual(ids);
    const split = splitWords(ids, language, tokenizer);
    expect(split.map((word) => word.text)).toEqual(words);
    expect(split.map((word) => word.tokens.length)).toEqual(counts);
    expect(tokenizer.startSequence(language)).toEqual(start);
  },
);
