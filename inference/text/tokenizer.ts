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

export interface ModelTokenizer extends TextTokenizer {
  /** One more than the largest id. */
  readonly vocabularySize: number;
  /** Ids of tokens that are no text: `<s>`, `[CLS]`, ... */
  readonly specialIds: ReadonlySet<number>;
  /** At most `maxTokens` ids; what is cut comes off the end (of the second text of a pair), the closing token stays. */
  encode(text: string, maxTokens: number, second?: string): EncodedText;
}

/** A model's `tokenizer.json`: BERT's WordPiece, XLM-RoBERTa's Unigram. Throws `model-missing` when the file cannot be read as one. */
export async function openTokenizer(model: ModelFiles): Promise<ModelTokenizer> {
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
    vocabularySize: largest(tokenizer.get_vocab().values()) + 1,
    specialIds: new Set([...tokenizer.get_added_tokens_decoder()].filter(([, token]) => token.special).map(([id]) => id)),
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

/** `Math.max` cannot take a quarter of a million arguments. */
function largest(ids: Iterable<number>): number {
  let found = -1;
  for (const id of ids) found = Math.max(found, id);
  return found;
}
