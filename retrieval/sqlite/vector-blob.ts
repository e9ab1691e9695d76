/** A vector as SQLite holds it: float32 in platform byte order, since the file never leaves its machine. */
export function toBlob(vector: Float32Array): Uint8Array {
  return new Uint8Array(vector.buffer, vector.byteOffset, vector.byteLength);
}

export function toVector(blob: Uint8Array): Float32Array {
  // SQLite may hand out a view at any offset; typed arrays need theirs aligned.
  const bytes = blob.byteOffset % 4 === 0 ? blob : blob.slice();
  return new Float32Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / 4);
}
