import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { LecternError, toLecternError } from '../../contracts/errors.ts';
import type { Reranker } from '../embedder.ts';
import type { ModelFiles } from '../models/store.ts';
import { openReranker } from './onnx-reranker.ts';

const WEIGHTS = 'model.safetensors';

/**
 * The cross-encoder in a folder on this machine, as Hugging Face lays it out: `model.safetensors` (BERT with a classifier of one
 * label, such as ms-marco-MiniLM-L6-v2) and `tokenizer.json`. Throws `model-missing` or `invalid-input`, with the folder and the cure.
 */
export async function openRerankerFolder(folder: string, cacheDir: string, threads: number): Promise<Reranker> {
  const dir = resolve(folder);
  try {
    return await openReranker({ model: await identify(dir), cacheDir, threads });
  } catch (error) {
    const isAbsent = error instanceof Error && 'code' in error && error.code === 'ENOENT';
    const { kind, message } = isAbsent ? new LecternError('model-missing', `there is no ${WEIGHTS}`) : toLecternError(error);
    throw new LecternError(kind, `the cross-encoder in ${dir} cannot be used: ${message}`, {
      cure: `Let LECTERN_RERANKER name a folder with ${WEIGHTS} and tokenizer.json of a BERT cross-encoder, or set it to none.`,
      cause: error,
    });
  }
}

/** The weights name the model: a graph is built anew for others. */
async function identify(dir: string): Promise<ModelFiles> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(join(dir, WEIGHTS)), hash);
  return { identity: { name: basename(dir), revision: hash.digest('hex').slice(0, 12) }, path: (file) => join(dir, file) };
}
