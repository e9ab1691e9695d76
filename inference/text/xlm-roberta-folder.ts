import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { LecternError } from '../../contracts/errors.ts';
import type { XlmRobertaShape } from '../graphs/xlm-roberta.ts';
import { nameByContent, requireFiles } from '../models/model-folder.ts';
import type { ModelFiles } from '../models/store.ts';
import { openFolderWeights } from '../weights/huggingface-weights.ts';
import { openTokenizer, type ModelTokenizer } from './tokenizer.ts';

const Count = z.int().positive();

const ConfigSchema = z
  .object({
    model_type: z.literal('xlm-roberta'),
    hidden_act: z.literal('gelu'),
    position_embedding_type: z.literal('absolute').nullish(),
    hidden_size: Count,
    num_attention_heads: Count,
    layer_norm_eps: z.number().positive(),
    pad_token_id: z.int().nonnegative(),
    max_position_embeddings: Count,
    vocab_size: Count,
    type_vocab_size: z.literal(1),
  })
  .refine(({ hidden_size, num_attention_heads }) => hidden_size % num_attention_heads === 0, 'heads do not divide the width');

/** An XLM-RoBERTa on this machine, as Hugging Face lays it out. */
export interface XlmRobertaFolder {
  dir: string;
  /** Named by its content. */
  model: ModelFiles;
  tokenizer: ModelTokenizer;
  shape: XlmRobertaShape;
  /** Tokens that it has positions for. */
  positions: number;
}

/** Whether `config.json` says that an XLM-RoBERTa lies in the folder; a folder without one may hold something else. */
export async function isXlmRoberta(dir: string): Promise<boolean> {
  if (!existsSync(join(dir, 'config.json'))) return false;
  return z.object({ model_type: z.literal('xlm-roberta') }).safeParse(await readJson(join(dir, 'config.json'))).success;
}

/**
 * `config.json`, `tokenizer.json` and the index of the weights (safetensors, in shards or not, or `pytorch_model.bin`), all fitting each
 * other; `more` are further files that make the model up. Reads the files whole, for their hash. Throws `model-missing` or `invalid-input`.
 */
export async function openXlmRobertaFolder(dir: string, more: readonly string[] = []): Promise<XlmRobertaFolder> {
  requireFiles(dir, ['config.json', 'tokenizer.json', ...more]);
  const config = await readConfig(join(dir, 'config.json'));
  const { tensors, files } = openFolderWeights(dir);
  tensors.close();
  const model = await nameByContent(dir, [...files, 'config.json', 'tokenizer.json', ...more]);
  const tokenizer = await openTokenizer(model);
  if (tokenizer.vocabularySize > config.vocab_size) {
    throw new LecternError('invalid-input', `tokenizer.json has ${tokenizer.vocabularySize} tokens, the weights have ${config.vocab_size}`);
  }
  return {
    dir,
    model,
    tokenizer,
    shape: {
      width: config.hidden_size,
      heads: config.num_attention_heads,
      normEpsilon: config.layer_norm_eps,
      paddingId: config.pad_token_id,
    },
    positions: config.max_position_embeddings - config.pad_token_id - 1,
  };
}

async function readConfig(path: string): Promise<z.infer<typeof ConfigSchema>> {
  const parsed = ConfigSchema.safeParse(await readJson(path));
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`).join('; ');
  throw new LecternError('invalid-input', `config.json is not of an XLM-RoBERTa that can be run (${problems})`);
}

async function readJson(path: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(path, 'utf8'));
  } catch (error) {
    throw new LecternError('invalid-input', `${path} is not JSON`, { cause: error });
  }
}
