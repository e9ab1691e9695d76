import { open, rename, rm } from 'node:fs/promises';
import { basename } from 'node:path';
import { LecternError } from '../../contracts/errors.ts';
import { toEntries } from './onnx-message.ts';
import { ELEMENT_TYPES, type ElementType } from './onnx-schema.ts';

export type TensorData = Float32Array | Uint16Array | Int8Array | Uint8Array | Int32Array | BigInt64Array;

/** A constant tensor of a graph; data given as a function is read only while it is written. */
export interface GraphWeight {
  name: string;
  type: ElementType;
  dims: readonly number[];
  data: TensorData | (() => TensorData);
}

/** Smaller tensors stay in the model file, where shape inference can read them. */
const INLINE_BYTES = 1024;
/** Pages, so that onnxruntime can map the file instead of copying it. */
const PAGE_BYTES = 4096;

/** Writes large weights to `<path>.data`, and to `path` what `encode` makes of the list of all weights; `path` appears last and whole. */
export async function writeGraphFile(
  path: string,
  weights: Iterable<GraphWeight>,
  encode: (initializer: Record<string, unknown>[]) => Uint8Array,
): Promise<void> {
  const dataPath = `${path}.data`;
  const suffix = `.${process.pid}.partial`;
  try {
    const initializer = await writeWeights(`${dataPath}${suffix}`, basename(dataPath), weights);
    await writeAndSync(`${path}${suffix}`, encode(initializer));
    await rename(`${dataPath}${suffix}`, dataPath);
    await rename(`${path}${suffix}`, path);
  } catch (error) {
    await rm(`${dataPath}${suffix}`, { force: true });
    await rm(`${path}${suffix}`, { force: true });
    throw error;
  }
}

/** The bytes of a weight, which fill its shape. */
export function readWeight({ name, type, dims, data }: GraphWeight): Uint8Array {
  const read = typeof data === 'function' ? data() : data;
  const wanted = dims.reduce((product, dim) => product * dim, 1) * ELEMENT_TYPES[type].bytes;
  if (read.byteLength === wanted) return new Uint8Array(read.buffer, read.byteOffset, read.byteLength);
  throw new LecternError('internal', `weight ${name} has ${read.byteLength} bytes, its shape needs ${wanted}`);
}

/** A weight as the graph itself holds it. */
export function toInlineTensor(weight: GraphWeight): Record<string, unknown> {
  return { ...describe(weight), rawData: readWeight(weight) };
}

async function writeWeights(temporaryPath: string, location: string, weights: Iterable<GraphWeight>): Promise<Record<string, unknown>[]> {
  const file = await open(temporaryPath, 'w');
  let offset = 0;
  try {
    const initializers: Record<string, unknown>[] = [];
    for (const weight of weights) {
      const bytes = readWeight(weight);
      if (bytes.length <= INLINE_BYTES) {
        initializers.push({ ...describe(weight), rawData: bytes });
        continue;
      }
      offset = Math.ceil(offset / PAGE_BYTES) * PAGE_BYTES;
      await writeFully(file, bytes, offset);
      initializers.push({ ...describe(weight), dataLocation: 1, externalData: toEntries({ location, offset, length: bytes.length }) });
      offset += bytes.length;
    }
    await file.sync();
    return initializers;
  } finally {
    await file.close();
  }
}

function describe({ name, dims, type }: GraphWeight): Record<string, unknown> {
  return { name, dims, dataType: ELEMENT_TYPES[type].code };
}

async function writeFully(file: Awaited<ReturnType<typeof open>>, bytes: Uint8Array, start: number): Promise<void> {
  let done = 0;
  while (done < bytes.length) {
    const { bytesWritten } = await file.write(bytes, done, bytes.length - done, start + done);
    done += bytesWritten;
  }
}

async function writeAndSync(path: string, bytes: Uint8Array): Promise<void> {
  const file = await open(path, 'w');
  try {
    await writeFully(file, bytes, 0);
    await file.sync();
  } finally {
    await file.close();
  }
}
