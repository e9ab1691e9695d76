import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { isOutOfMemory, toRunError } from './cuda-errors.ts';
import { requireCudaProvider, type LoadLibrary } from './cuda-provider.ts';

const empty = mkdtempSync(join(tmpdir(), 'lectern-no-cuda-'));
const full = mkdtempSync(join(tmpdir(), 'lectern-cuda-'));
for (const name of ['shared', 'cuda']) writeFileSync(join(full, `libonnxruntime_providers_${name}.so`), 'no library');
afterAll(() => {
  rmSync(empty, { recursive: true });
  rmSync(full, { recursive: true });
});

/** A machine on which one library is missing, in the words of the dynamic linker. */
const without =
  (name: string, missing: string): LoadLibrary =>
  (path) =>
    path.endsWith(name) ? `${missing}: cannot open shared object file: No such file or directory` : undefined;

describe.runIf(process.platform === 'linux' && process.arch === 'x64')('requireCudaProvider', () => {
  it.each([
    ['libonnxruntime_providers_cuda.so', 'libcublasLt.so.12', 'libcublasLt.so.12 (CUDA runtime'],
    ['libonnxruntime_providers_cuda.so', 'libcuda.so.1', '--gpus all'],
    ['libcudnn.so.9', 'libcudnn.so.9', 'libcudnn.so.9 (CUDA runtime'],
  ])('names what %s lacks, %s, and the cure', async (where, missing, cure) => {
    const check = async (): Promise<void> => requireCudaProvider(full, without(where, missing));
    await expect(check()).rejects.toMatchObject({
      kind: 'unavailable',
      message: expect.stringContaining(missing) as string,
      cure: expect.stringContaining(cure) as string,
    });
  });

  it('names the file that onnxruntime-node does not bring by itself', () => {
    expect(() => requireCudaProvider(empty)).toThrow(join(empty, 'libonnxruntime_providers_shared.so'));
  });

  it("asks the machine's own linker", () => {
    expect(() => requireCudaProvider(full)).toThrow(/does not load: .*(file too short|invalid ELF header)/);
  });

  it('is content where everything loads', () => {
    const asked: string[] = [];
    requireCudaProvider(full, (path) => void asked.push(path));
    expect(asked.map((path) => path.slice(path.lastIndexOf('/') + 1))).toEqual([
      'libonnxruntime_providers_shared.so',
      'libonnxruntime_providers_cuda.so',
      'libcudnn.so.9',
    ]);
  });
});

describe('isOutOfMemory', () => {
  it.each([
    'CUDA failure 2: out of memory ; GPU=0 ; hostname=gpu ; file=cuda_allocator.cc ; line=65 ; expr=cudaMalloc((void**)&p, size);',
    'Non-zero status code returned while running MatMul node. Status Message: bfc_arena.cc:376 AllocateRawInternal Failed to allocate memory for requested buffer of size 393216000',
    'Available memory of 1024 is smaller than requested bytes of 4096',
    'CUBLAS failure 3: CUBLAS_STATUS_ALLOC_FAILED ; GPU=0',
    'CUDNN failure 4003: CUDNN_STATUS_INTERNAL_ERROR_DEVICE_ALLOCATION_FAILED ; GPU=0',
  ])('knows: %s', (message) => {
    expect(isOutOfMemory(message)).toBe(true);
    expect(toRunError(new Error(message), 'search', 'cuda')).toMatchObject({ kind: 'out-of-resources' });
  });

  it('leaves other failures as they are', () => {
    const error = toRunError(new Error('Invalid Feed Input Name: mel'), 'encoder', 'cuda');
    expect(error).toMatchObject({ kind: 'internal', message: 'Invalid Feed Input Name: mel' });
  });
});
