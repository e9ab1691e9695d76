import { toHalfBits } from '../../../../inference/graphs/half.ts';

const BLOCK = 32;
const BLOCK_BYTES = 2 + BLOCK;

/**
 * Floats in ggml's type `q8_0`: of each 32 in a row the scale, their largest magnitude over 127, as a float16, then 32 signed bytes.
 * The number of `values` must be a multiple of 32. Source: ggml `quantize_row_q8_0_ref`.
 */
export function toQ8Blocks(values: Float32Array): Uint8Array {
  const blocks = values.length / BLOCK;
  const bytes = new Uint8Array(blocks * BLOCK_BYTES);
  const view = new DataView(bytes.buffer);
  const scales = Float32Array.from({ length: blocks }, (_, block) => largestMagnitude(values, block * BLOCK) / 127);
  const halves = toHalfBits(scales);
  for (let block = 0; block < blocks; block++) {
    const [at, scale] = [block * BLOCK_BYTES, scales[block] ?? 0];
    view.setUint16(at, halves[block] ?? 0, true);
    if (scale === 0) continue;
    for (let index = 0; index < BLOCK; index++) {
      const steps = (values[block * BLOCK + index] ?? 0) / scale;
      // C's roundf: halves go away from zero.
      view.setInt8(at + 2 + index, Math.sign(steps) * Math.round(Math.abs(steps)));
    }
  }
  return bytes;
}

function largestMagnitude(values: Float32Array, start: number): number {
  let largest = 0;
  for (let index = start; index < start + BLOCK; index++) largest = Math.max(largest, Math.abs(values[index] ?? 0));
  return largest;
}
