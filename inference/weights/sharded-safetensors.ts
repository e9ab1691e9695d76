import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { LecternError } from '../../contracts/errors.ts';
import { openSafetensors } from './safetensors.ts';
import type { TensorFile } from './tensor-file.ts';

/** A shard lies beside its index: a name that leads elsewhere is refused. */
const IndexSchema = z.object({ weight_map: z.record(z.string(), z.string().regex(/^[\w.-]+\.safetensors$/)) });

/**
 * Opens `model.safetensors.index.json`, which names the shard of each tensor (Hugging Face's form of large models), as one file.
 * Throws `model-missing` for a shard that is not there, `invalid-input` for a tensor that is not in its shard.
 */
export function openShardedSafetensors(indexPath: string): TensorFile {
  const shardOf = new Map(Object.entries(readShardIndex(indexPath)));
  const shards = new Map<string, TensorFile>();
  const close = (): void => {
    for (const shard of shards.values()) shard.close();
  };
  const find = (name: string): TensorFile => {
    const shard = shards.get(shardOf.get(name) ?? '');
    if (shard === undefined) throw new LecternError('invalid-input', `weight index ${indexPath}: it has no tensor ${name}`);
    return shard;
  };
  try {
    for (const shard of new Set(shardOf.values())) shards.set(shard, openSafetensors(join(dirname(indexPath), shard)));
    for (const name of shardOf.keys()) find(name).dims(name);
  } catch (error) {
    close();
    throw error;
  }
  return { names: () => [...shardOf.keys()], dims: (name) => find(name).dims(name), tensor: (name) => find(name).tensor(name), close };
}

/** The shard of each tensor, by its name. */
export function readShardIndex(path: string): Record<string, string> {
  try {
    return IndexSchema.parse(JSON.parse(readFileSync(path, 'utf8'))).weight_map;
  } catch (error) {
    throw new LecternError('invalid-input', `weight index ${path} does not map tensors to safetensors files beside it`, { cause: error });
  }
}
