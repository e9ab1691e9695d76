import { readFile } from 'node:fs/promises';
import { Tokenizer } from '@huggingface/tokenizers';
import { LecternError, toLecternError } from '../../contracts/errors.ts';
import type { TextTokenizer } from '../embedder.ts';
import type { ModelFiles } from '../models/store.ts';

/** Token ids of one text or of a pair, special tokens included. */
export interface EncodedText {
  ids: number[];
  /** 0 for the first text, 1 for the second of a pair. */
  typeIds: number[];
}

export interface WordPieceTokenizer extends TextTokenizer {
  /** At most `maxTokens` ids; what is cut comes off the end (of the second text of a pair), the closing token stays. */
  encode(text: string, maxTokens: number, second?: string): EncodedText;
}

/** BERT's WordPiece from a model's `tokenizer.json`. Throws `model-missing` when the file cannot be read as one. */
export async function openTokenizer(model: ModelFiles): Promise<WordPieceTokenizer> {
  const path = model.path('tokenizer.json');
  const tokenizer = await readTokenizer(path);
  const encodeWhole = (text: string, second?: string): EncodedText => {
    const { ids, token_type_ids: typeIds } = tokenizer.encode(text, {
      add_special_tokens: true,
      return_token_type_ids: true,
      ...(second === undefined ? {} : { text_pair: second }),
    });
    return { ids, typeIds };
  };
  return {
    name: `${model.identity.name}@${model.identity.revision}`,
    count: (text) => tokenizer.encode(text, { add_special_tokens: false }).ids.length,
    encode(text, maxTokens, second) {
      const { ids, typeIds } = encodeWhole(text, second);
      if (ids.length <= maxTokens) return { ids, typeIds };
      const closing = ids.at(-1) ?? 0;
      return { ids: [...ids.slice(0, maxTokens - 1), closing], typeIds: typeIds.slice(0, maxTokens) };
    },
  };
}

async function readTokenizer(path: string): Promise<Tokenizer> {
  try {
    return new Tokenizer(JSON.parse(await readFile(path, 'utf8')) as object, {});
  } catch (error) {
    throw new LecternError('model-missing', `${path} cannot be read as a tokenizer: ${toLecternError(error).message}`, {
      cure: 'Run `lectern models pull`.',
      cause: error,
    });
  }
}
