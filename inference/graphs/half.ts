const floats = new Float32Array(1);
const bits = new Uint32Array(floats.buffer);

/** float32 numbers as IEEE 754 binary16 bits, rounded to nearest, ties to even; too large ones become infinite. */
export function toHalfBits(values: Float32Array): Uint16Array {
  const result = new Uint16Array(values.length);
  for (let index = 0; index < values.length; index++) result[index] = halfOf(values[index] ?? 0);
  return result;
}

function halfOf(value: number): number {
  floats[0] = value;
  const word = bits[0] ?? 0;
  const sign = (word >>> 16) & 0x8000;
  const magnitude = word & 0x7fffffff;
  if (magnitude > 0x7f800000) return sign | 0x7e00;
  if (magnitude >= 0x47800000) return sign | 0x7c00;
  if (magnitude >= 0x38800000) {
    // Normal: 13 bits of the fraction go; adding just under half (plus the bit that stays) rounds ties to even.
    return sign | ((magnitude - 0x38000000 + 0xfff + ((magnitude >>> 13) & 1)) >>> 13);
  }
  // Subnormal: units of 2^-24. Adding 2^23 + 2^22 (1.5 * 2^23) makes the hardware round to an integer, ties to even.
  floats[0] = Math.abs(value) * 2 ** 24 + 12_582_912;
  return sign | ((bits[0] ?? 0) & 0x3ff_fff & 0xffff);
}
