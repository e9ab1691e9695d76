import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { LecternError } from '../../contracts/errors.ts';
import { createWhisperTokenizer, type TokenizerJson, type WhisperTokenizer } from './tokenizer.ts';

const TokenIdsSchema = z.record(z.string(), z.int().nonnegative());
const TokenizerSchema = z.object({
  model: z.object({ vocab: TokenIdsSchema }),
  added_tokens: z.array(z.object({ id: z.int().nonnegative(), content: z.string() })),
});
const TokenListSchema = z.array(z.string());

/** In the order they are looked for: tokenizers, CTranslate2 (new and old), transformers before `tokenizer.json`. */
const VOCABULARY_FILES = ['tokenizer.json', 'vocabulary.json', 'vocabulary.txt', 'vocab.json'] as const;

/** The vocabulary of a Whisper folder, and the file or files that it was read from. */
export async function readWhisperVocabulary(dir: string): Promise<{ tokenizer: WhisperTokenizer; files: string[] }> {
  const files = findVocabularyFiles(dir);
  try {
    return { tokenizer: createWhisperTokenizer(await readTokens(dir, files)), files };
  } catch (error) {
    if (error instanceof LecternError) throw error;
    throw new LecternError('invalid-input', `${join(dir, files[0] ?? '')} is not a vocabulary that can be read`, { cause: error });
  }
}

function findVocabularyFiles(dir: string): string[] {
  const name = VOCABULARY_FILES.find((candidate) => existsSync(join(dir, candidate)));
  if (name === undefined) throw new LecternError('model-missing', `${dir} holds no tokenizer: none of ${VOCABULARY_FILES.join(', ')}`);
  // Control tokens lie beside.
  return name === 'vocab.json' ? [name, 'added_tokens.json'] : [name];
}

async function readTokens(dir: string, [first = '', second]: readonly string[]): Promise<TokenizerJson> {
  const text = await readFile(join(dir, first), 'utf8');
  if (first === 'tokenizer.json') return TokenizerSchema.parse(JSON.parse(text));
  if (second !== undefined) {
    const added = TokenIdsSchema.parse(JSON.parse(await readFile(join(dir, second), 'utf8')));
    return fromIds({ ...TokenIdsSchema.parse(JSON.parse(text)), ...added });
  }
  const tokens = first === 'vocabulary.json' ? TokenListSchema.parse(JSON.parse(text)) : text.replace(/\r?\n$/, '').split(/\r?\n/);
  return fromIds(Object.fromEntries(tokens.map((token, id) => [token, id])));
}

/** Control tokens are told by their brackets. */
function fromIds(vocab: Record<string, number>): TokenizerJson {
  const added = Object.entries(vocab).filter(([content]) => /^<\|.*\|>$/.test(content));
  return { model: { vocab }, added_tokens: added.map(([content, id]) => ({ id, content })) };
}
