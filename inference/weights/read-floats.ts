import { LecternError } from '../../contracts/errors.ts';
import type { TensorFile } from './tensor-file.ts';

/** A tensor of any float type, as float32. Throws `invalid-input` for integers and for a name that is not there. */
export function readFloats(weights: TensorFile, name: string): { dims: number[]; data: Float32Array } {
  const { dims, data } = weights.tensor(name);
  if (!(data instanceof Float32Array)) throw new LecternError('invalid-input', `the weight ${name} is not of a float type`);
  return { dims, data };
}
