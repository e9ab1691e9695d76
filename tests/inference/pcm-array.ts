import type { PcmSource } from '../../inference/pcm-source.ts';

/** Samples in memory as a `PcmSource`. */
export function pcmOf(samples: Float32Array): PcmSource {
  return { totalSamples: samples.length, read: async (start, count) => samples.slice(start, start + count) };
}
