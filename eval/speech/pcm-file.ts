import { open } from 'node:fs/promises';
import type { PcmSource } from '../../inference/pcm-source.ts';

const BYTES_PER_SAMPLE = 2;

/** s16le audio in a local file, after `headerBytes` of something else, read by ranges. */
export async function openPcmFile(path: string, headerBytes = 0): Promise<PcmSource & { close: () => Promise<void> }> {
  const file = await open(path, 'r');
  const totalSamples = Math.floor(((await file.stat()).size - headerBytes) / BYTES_PER_SAMPLE);
  return {
    totalSamples,
    async read(startSample, count) {
      const samples = new Int16Array(Math.max(0, Math.min(count, totalSamples - startSample)));
      await file.read(new Uint8Array(samples.buffer), 0, samples.byteLength, headerBytes + startSample * BYTES_PER_SAMPLE);
      return Float32Array.from(samples, (sample) => sample / 32_768);
    },
    close: () => file.close(),
  };
}
