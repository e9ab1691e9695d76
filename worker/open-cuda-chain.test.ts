import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { readModelCatalogue } from '../inference/models/catalogue.ts';
import { openModelStore } from '../inference/models/store.ts';
import { createCudaChain, orderModels } from './open-cuda-chain.ts';

const { models } = await readModelCatalogue();
const bytesOf = new Map(models.map(({ name, files }) => [name, Math.max(...files.map(({ bytes }) => bytes))]));
const cacheDir = mkdtempSync(join(tmpdir(), 'lectern-chain-'));
afterAll(() => rmSync(cacheDir, { recursive: true }));

describe('orderModels', () => {
  it('goes from the model asked for to smaller ones only', () => {
    expect(orderModels('whisper-large-v3', bytesOf)).toEqual([
      'whisper-large-v3',
      'whisper-large-v3-turbo',
      'whisper-medium',
      'whisper-base',
    ]);
    expect(orderModels('whisper-medium', bytesOf)).toEqual(['whisper-medium', 'whisper-base']);
    expect(orderModels('whisper-base', bytesOf)).toEqual(['whisper-base']);
  });

  it('places a folder by the bytes of its weights', () => {
    const withFolder = new Map([...bytesOf, ['./my-whisper', 1.6 * 2 ** 30]]);
    expect(orderModels('./my-whisper', withFolder)).toEqual(['./my-whisper', 'whisper-large-v3-turbo', 'whisper-medium', 'whisper-base']);
  });
});

describe.skipIf(process.platform !== 'linux')('createCudaChain', () => {
  it('does not go to the CPU where CUDA does not load', async () => {
    const store = await openModelStore({ cacheDir, offline: true, hub: 'http://hub.invalid' });
    const files = { identity: { name: 'whisper-base', revision: 'r' }, path: (file: string) => join(cacheDir, file) };
    let onCpu = 0;
    const openOnCpu = async (): Promise<never> => {
      onCpu++;
      throw new Error('not asked for');
    };
    const chain = await createCudaChain({ choice: 'whisper-base', store, cacheDir, threads: 1, find: async () => files, openOnCpu });
    // Where CUDA works, what is missing is the model.
    await expect(chain.open()).rejects.toMatchObject({ kind: expect.stringMatching(/^(unavailable|model-missing)$/) as string });
    expect(onCpu).toBe(0);
  });
});
