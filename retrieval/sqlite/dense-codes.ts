/**
 * Vectors of one lecture's chunks as int8, for a first look at all of them: `codes[row, d] * scales[row]` is about the vector's value.
 * Blob: int32 [chunks, dimensions], float32 scale [chunks], int8 code [chunks, dimensions]; platform byte order.
 */
export interface DenseCodes {
  dimensions: number;
  scales: Float32Array;
  codes: Int8Array;
}

const HEADER_BYTES = 8;
const LARGEST_CODE = 127;

/** `vectors` all of one length. */
export function encodeCodes(vectors: readonly Float32Array[]): Uint8Array {
  const dimensions = vectors[0]?.length ?? 0;
  const bytes = new Uint8Array(HEADER_BYTES + vectors.length * (4 + dimensions));
  new Int32Array(bytes.buffer, 0, 2).set([vectors.length, dimensions]);
  const { scales, codes } = decodeCodes(bytes);
  for (const [row, vector] of vectors.entries()) scales[row] = quantize(vector, codes.subarray(row * dimensions, (row + 1) * dimensions));
  return bytes;
}

export function decodeCodes(blob: Uint8Array): DenseCodes {
  // SQLite may hand out a view at any offset; typed arrays need theirs aligned.
  const bytes = blob.byteOffset % 4 === 0 ? blob : blob.slice();
  const [chunks = 0, dimensions = 0] = new Int32Array(bytes.buffer, bytes.byteOffset, 2);
  const scalesAt = bytes.byteOffset + HEADER_BYTES;
  return {
    dimensions,
    scales: new Float32Array(bytes.buffer, scalesAt, chunks),
    codes: new Int8Array(bytes.buffer, scalesAt + 4 * chunks, chunks * dimensions),
  };
}

/** Fills `codes` with whole numbers within ±127 and returns what to multiply them with. */
export function quantize(vector: Float32Array, codes: Int8Array | Int16Array): number {
  let largest = 0;
  for (const value of vector) largest = Math.max(largest, Math.abs(value));
  const scale = largest / LARGEST_CODE || 1;
  for (const [d, value] of vector.entries()) codes[d] = Math.round(value / scale);
  return scale;
}
