import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { isModelFolder } from '../inference/models/model-folder.ts';
import type { ModelFiles, ModelStore } from '../inference/models/store.ts';
import type { Transcriber } from '../inference/transcriber.ts';
import { openCudaTranscriber } from '../inference/whisper-cuda/cuda-transcriber.ts';
import { estimateDeviceBytes, readFreeDeviceBytes } from '../inference/whisper-cuda/device-memory.ts';
import { createModelChain, type ChainLink, type ModelChain } from '../inference/whisper-cuda/model-chain.ts';

/** From the most memory to the least. */
const SMALLER_MODELS = ['whisper-large-v3', 'whisper-large-v3-turbo', 'whisper-medium', 'whisper-base'];
const CPU_MODEL = 'whisper-base';

export interface CudaChainDeps {
  /** `LECTERN_ASR_MODEL`. */
  choice: string;
  store: ModelStore;
  cacheDir: string;
  threads: number;
  /** Fetches a model of the catalogue or opens a folder. */
  find: (choice: string) => Promise<ModelFiles>;
  openOnCpu: (model: ModelFiles) => Promise<Transcriber>;
}

/** The model that is asked for on CUDA, the smaller ones after it where memory does not suffice, and at last the CPU. */
export async function createCudaChain({ choice, store, cacheDir, threads, find, openOnCpu }: CudaChainDeps): Promise<ModelChain> {
  const bytesOf = new Map((await store.list()).map(({ name, files }) => [name, Math.max(...files.map(({ bytes }) => bytes))]));
  if (isModelFolder(choice)) bytesOf.set(choice, await largestFileIn(choice));
  const onDevice = orderModels(choice, bytesOf).map((name): ChainLink => {
    const bytes = bytesOf.get(name);
    return {
      name: `${name} on CUDA`,
      ...(bytes === undefined ? {} : { neededBytes: estimateDeviceBytes(bytes) }),
      open: async () => openCudaTranscriber({ model: await find(name), cacheDir, provider: 'cuda', threads }),
    };
  });
  const onCpu: ChainLink = { name: `${CPU_MODEL} on the CPU`, open: async () => openOnCpu(await find(CPU_MODEL)) };
  return createModelChain([...onDevice, onCpu], readFreeDeviceBytes);
}

/** The model asked for, and after it those of fewer bytes of weights. */
export function orderModels(choice: string, bytesOf: ReadonlyMap<string, number>): string[] {
  const limit = bytesOf.get(choice) ?? 0;
  return [choice, ...SMALLER_MODELS.filter((name) => (bytesOf.get(name) ?? limit) < limit)];
}

/** Weights are by far the largest file of a model. */
async function largestFileIn(folder: string): Promise<number> {
  const sizes = (await readdir(folder)).map(async (file) => (await stat(join(folder, file))).size);
  return Math.max(0, ...(await Promise.all(sizes)));
}
