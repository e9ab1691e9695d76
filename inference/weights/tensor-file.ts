/** Element types that weight files hold; what is stored narrower or wider is said by `type`, read as `data`. */
export type StoredType = 'float32' | 'float16' | 'bfloat16' | 'float64' | 'int8' | 'uint8' | 'int16' | 'int32' | 'int64' | 'bool';

export interface Tensor {
  /** Sizes, outermost first; `[]` is a scalar. */
  dims: number[];
  /** As stored. Every float type is widened (float64 narrowed) to float32 in `data`; integers keep their width. */
  type: StoredType;
  /** Row-major. `bool` and `uint8` are a `Uint8Array`, `int64` a `BigInt64Array`. */
  data: Float32Array | Int8Array | Uint8Array | Int16Array | Int32Array | BigInt64Array;
}

/** Named tensors of a weight file, read one at a time so that memory stays at the largest tensor. */
export interface TensorFile {
  names(): string[];
  /** Sizes of a tensor, from the index alone. Throws `invalid-input` for a name that is not there. */
  dims(name: string): number[];
  /** Synchronous: graph builders read while they write. Throws `invalid-input` for a name that is not there. */
  tensor(name: string): Tensor;
  close(): void;
}
