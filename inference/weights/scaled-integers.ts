import { LecternError } from '../../contracts/errors.ts';
import type { Tensor, TensorFile } from './tensor-file.ts';

const SCALE = '_scale';

/**
 * Weights that CTranslate2 stored as integers, as the numbers they stand for. Beside a tensor `x` of int8 or int16 lies `x_scale`:
 * one scale a row of the first axis, or one for all; a number is its integer divided by its scale. Other tensors pass as they are.
 * Source: OpenNMT/CTranslate2 `docs/quantization.md`.
 */
export function withoutScales(file: TensorFile): TensorFile {
  const names = new Set(file.names());
  return {
    names: () => [...names].filter((name) => !isScale(name, names)),
    dims: (name) => file.dims(name),
    tensor(name) {
      const stored = file.tensor(name);
      if (!(stored.data instanceof Int8Array || stored.data instanceof Int16Array) || !names.has(`${name}${SCALE}`)) return stored;
      return { dims: stored.dims, type: stored.type, data: divideRows(stored.data, readScales(file, name, stored.dims[0] ?? 1)) };
    },
    close: () => file.close(),
  };
}

function isScale(name: string, names: ReadonlySet<string>): boolean {
  return name.endsWith(SCALE) && names.has(name.slice(0, -SCALE.length));
}

function readScales(file: TensorFile, name: string, rows: number): Float32Array {
  const { data } = file.tensor(`${name}${SCALE}`);
  const fits = data instanceof Float32Array && (data.length === 1 || data.length === rows);
  if (fits && data.every((scale) => Number.isFinite(scale) && scale > 0)) return data;
  throw new LecternError('invalid-input', `the weight ${name} has no usable scales for its ${rows} rows`);
}

function divideRows(values: Exclude<Tensor['data'], Float32Array | BigInt64Array>, scales: Float32Array): Float32Array {
  const result = new Float32Array(values.length);
  const rowLength = values.length / scales.length;
  for (let row = 0; row < scales.length; row++) {
    const scale = scales[row] ?? 1;
    for (let index = row * rowLength; index < (row + 1) * rowLength; index++) result[index] = (values[index] ?? 0) / scale;
  }
  return result;
}
