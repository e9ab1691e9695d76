import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const MEBIBYTE = 2 ** 20;
/** CUDA's context, cuBLAS' and cuDNN's workspaces, and what one window takes. */
const BASE_BYTES = 2 ** 30;

/**
 * About what a Whisper takes on a device to hear at all: an estimate from the bytes of its weights in halves, of which the decoder's
 * lie there twice (they are most of them in every size but turbo). Not measured on a device.
 */
export function estimateDeviceBytes(weightBytes: number): number {
  return 2 * weightBytes + BASE_BYTES;
}

/** Free memory of the first device that NVIDIA's tool lists; `undefined` where there is no such tool. */
export async function readFreeDeviceBytes(): Promise<number | undefined> {
  try {
    const { stdout } = await promisify(execFile)('nvidia-smi', ['--query-gpu=memory.free', '--format=csv,noheader,nounits'], {
      timeout: 10_000,
    });
    return parseFreeMemory(stdout);
  } catch {
    return undefined;
  }
}

/** One line of mebibytes a device. */
export function parseFreeMemory(output: string): number | undefined {
  const free = /^\s*(\d+)\s*$/m.exec(output)?.[1];
  return free === undefined ? undefined : Number(free) * MEBIBYTE;
}
