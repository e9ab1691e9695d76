import { readFile } from 'node:fs/promises';

/** Words in lower case that Whisper spells with one token (`tests/golden/make_ordinary_words.py`): nobody need tell it of them. */
export async function readOrdinaryWords(): Promise<ReadonlySet<string>> {
  const text = await readFile(new URL('ordinary-words.txt', import.meta.url), 'utf8');
  return new Set(text.split(/\s+/));
}
