/** What becomes of two channels: their mean, half their difference (where one is upside down and the mean is silent), or one of them. */
export type StereoMix = 'mean' | 'difference' | 'left' | 'right';

const BYTES_PER_SAMPLE = 2;
const BYTES_PER_FRAME = 2 * BYTES_PER_SAMPLE;

/**
 * Mixes interleaved stereo s16le down to mono s16le as it streams by. `hear` is told each pair of samples, in -32768..32767. Chunks may
 * cut a pair in two; what is left of one at the end is dropped.
 */
export function createStereoMixer(mix: StereoMix, hear?: (left: number, right: number) => void): (chunk: Buffer) => Buffer {
  const blend = BLENDS[mix];
  let rest: Buffer = Buffer.alloc(0);
  return (chunk) => {
    const bytes = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    const frames = Math.floor(bytes.length / BYTES_PER_FRAME);
    rest = bytes.subarray(frames * BYTES_PER_FRAME);
    const mono = Buffer.allocUnsafe(frames * BYTES_PER_SAMPLE);
    for (let frame = 0; frame < frames; frame += 1) {
      const left = bytes.readInt16LE(frame * BYTES_PER_FRAME);
      const right = bytes.readInt16LE(frame * BYTES_PER_FRAME + BYTES_PER_SAMPLE);
      hear?.(left, right);
      mono.writeInt16LE(blend(left, right), frame * BYTES_PER_SAMPLE);
    }
    return mono;
  };
}

// Shifts round down, so that every sum of two 16-bit numbers stays one.
const BLENDS: Record<StereoMix, (left: number, right: number) => number> = {
  mean: (left, right) => (left + right) >> 1,
  difference: (left, right) => (left - right) >> 1,
  left: (left) => left,
  right: (_left, right) => right,
};
