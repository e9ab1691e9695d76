import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { constants } from 'node:os';
import { dirname, join } from 'node:path';
import { LecternError } from '../../contracts/errors.ts';

const PROVIDER = 'libonnxruntime_providers_cuda.so';
/** What the provider's own library is built on: it must be in the process first. */
const BRIDGE = 'libonnxruntime_providers_shared.so';
/** Asked for by name once a convolution runs, so that nothing says that it is missing before. */
const CUDNN = 'libcudnn.so.9';
/** Node's complaint of a library that loads well and is no addon of Node. */
const LOADED = 'did not self-register';

const INSTALL =
  "Install onnxruntime-node's CUDA files (ONNXRUNTIME_NODE_INSTALL=cuda12 npm rebuild onnxruntime-node) or use the image that deploy/Dockerfile builds for its target gpu.";

/** Loads a shared library into this process: what went wrong, or nothing. */
export type LoadLibrary = (path: string) => string | undefined;

/**
 * Throws `unavailable`, with the name of the library that is missing and the cure, where onnxruntime's CUDA provider cannot load.
 * onnxruntime itself says no more than that a library was not found.
 */
export function requireCudaProvider(binaries: string = findBinaries(), load: LoadLibrary = loadLibrary): void {
  if (process.platform !== 'linux' || process.arch !== 'x64') {
    throw unavailable(`onnxruntime-node has CUDA on linux-x64 only, this machine is ${process.platform}-${process.arch}`, 'Use the CPU.');
  }
  for (const name of [BRIDGE, PROVIDER]) {
    if (!existsSync(join(binaries, name))) throw unavailable(`${join(binaries, name)} is not there`, INSTALL);
  }
  for (const path of [join(binaries, BRIDGE), join(binaries, PROVIDER), CUDNN]) {
    const problem = load(path);
    if (problem !== undefined) throw unavailable(problem, cureOf(problem));
  }
}

function cureOf(problem: string): string {
  if (problem.includes('libcuda.so')) {
    return "Install NVIDIA's driver; in a container, give it the card (docker run --gpus all) with the NVIDIA Container Toolkit.";
  }
  const [library] = /lib(?:cudnn|cublas|cudart|curand|cufft|nvrtc)\w*\.so\.\d+/.exec(problem) ?? [];
  if (library === undefined) return INSTALL;
  return `Install NVIDIA's library ${library} (CUDA runtime, cuBLAS, cuFFT, cuRAND, cuDNN 9) and put its folder into LD_LIBRARY_PATH.`;
}

function unavailable(problem: string, cure: string): LecternError {
  return new LecternError('unavailable', `the CUDA provider does not load: ${problem}`, { cure });
}

function findBinaries(): string {
  const entry = createRequire(import.meta.url).resolve('onnxruntime-node');
  return join(dirname(entry), '..', 'bin', 'napi-v6', process.platform, process.arch);
}

function loadLibrary(path: string): string | undefined {
  try {
    process.dlopen({ exports: {} }, path, constants.dlopen.RTLD_LAZY | constants.dlopen.RTLD_GLOBAL);
    return undefined;
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    return message.includes(LOADED) ? undefined : message;
  }
}
