/** A voice as it is stored: base64 of little-endian float32. */
export function encodeVoice(vector: Float32Array): string {
  const bytes = Buffer.alloc(vector.length * 4);
  for (const [axis, value] of vector.entries()) bytes.writeFloatLE(value, axis * 4);
  return bytes.toString('base64');
}

/** Bytes that are no whole number are left out. */
export function decodeVoice(base64: string): Float32Array {
  const bytes = Buffer.from(base64, 'base64');
  return Float32Array.from({ length: Math.floor(bytes.length / 4) }, (_, axis) => bytes.readFloatLE(axis * 4));
}
