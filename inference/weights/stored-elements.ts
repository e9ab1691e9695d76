import type { StoredType, Tensor } from './tensor-file.ts';

export const ELEMENT_BYTES: Record<StoredType, number> = {
  float64: 8,
  int64: 8,
  float32: 4,
  int32: 4,
  float16: 2,
  bfloat16: 2,
  int16: 2,
  int8: 1,
  uint8: 1,
  bool: 1,
};

/** Little-endian bytes of a weight file as numbers; floats of any width become float32. May keep `bytes` where it owns its buffer. */
export function decodeElements(type: StoredType, bytes: Uint8Array): Tensor['data'] {
  // The wider views need a buffer that starts at offset 0; weights of 250 MB are not copied for nothing.
  const ownsBuffer = bytes.buffer instanceof ArrayBuffer && bytes.byteLength === bytes.buffer.byteLength;
  const { buffer } = ownsBuffer ? bytes : Uint8Array.from(bytes);
  switch (type) {
    case 'float64':
      return Float32Array.from(new Float64Array(buffer));
    case 'float16':
      return widenHalves(new Uint16Array(buffer));
    case 'bfloat16':
      return widenBfloat(new Uint16Array(buffer));
    case 'int64':
      return new BigInt64Array(buffer);
    case 'int32':
      return new Int32Array(buffer);
    case 'int16':
      return new Int16Array(buffer);
    case 'int8':
      return new Int8Array(buffer);
    case 'uint8':
    case 'bool':
      return new Uint8Array(buffer);
    default:
      return new Float32Array(buffer);
  }
}

let halfValues: Float32Array | undefined;

/** There are only 65,536 halves: a table of them all makes reading a large model ten times faster. */
function widenHalves(bits: Uint16Array): Float32Array {
  halfValues ??= Float32Array.from({ length: 65_536 }, (_, half) => widenHalf(half));
  const table = halfValues;
  const result = new Float32Array(bits.length);
  for (let index = 0; index < bits.length; index++) result[index] = table[bits[index] ?? 0] ?? 0;
  return result;
}

/** IEEE 754 binary16 bits as a number. */
function widenHalf(bits: number): number {
  const sign = (bits & 0x8000) === 0 ? 1 : -1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 0x1f) return fraction === 0 ? sign * Infinity : NaN;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

/** bfloat16 is the upper half of a float32. */
function widenBfloat(bits: Uint16Array): Float32Array {
  const words = new Uint32Array(bits.length);
  for (let index = 0; index < bits.length; index++) words[index] = (bits[index] ?? 0) << 16;
  return new Float32Array(words.buffer);
}
