import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { LecternError } from '../../contracts/errors.ts';
import { openSafetensors } from './safetensors.ts';
import { openShardedSafetensors, readShardIndex } from './sharded-safetensors.ts';
import type { TensorFile } from './tensor-file.ts';
import { openTorchZip } from './torch-zip.ts';

type WeightReaders = Readonly<Record<string, (path: string) => TensorFile>>;

/** Weight files as Hugging Face names them, in the order they are looked for, each with its reader. */
export const HUGGING_FACE_READERS: WeightReaders = {
  'model.safetensors.index.json': openShardedSafetensors,
  'model.safetensors': openSafetensors,
  'pytorch_model.bin': openTorchZip,
};

export interface FolderWeights {
  tensors: TensorFile;
  /** Of the file that was opened, then of the shards that it names. */
  files: string[];
}

/** The first of `readers`' files that the folder has. Throws `model-missing` where it has none. */
export function openFolderWeights(dir: string, readers: WeightReaders = HUGGING_FACE_READERS): FolderWeights {
  const [name, open] = Object.entries(readers).find(([candidate]) => existsSync(join(dir, candidate))) ?? [];
  if (name === undefined || open === undefined) {
    throw new LecternError('model-missing', `${dir} holds no weights: none of ${Object.keys(readers).join(', ')}`);
  }
  const path = join(dir, name);
  const shards = name.endsWith('.index.json') ? [...new Set(Object.values(readShardIndex(path)))] : [];
  return { tensors: open(path), files: [name, ...shards] };
}
