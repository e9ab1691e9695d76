import { open, rename, rm } from 'node:fs/promises';
import { basename } from 'node:path';
import { LecternError } from '../../contracts/errors.ts';
import { toAttribute, toEntries, toValueInfo, type Attribute, type Dim } from './onnx-message.ts';
import { ELEMENT_TYPES, encodeModel, type ElementType } from './onnx-schema.ts';

export type TensorData = Float32Array | Uint16Array | Int8Array | Uint8Array | Int32Array | BigInt64Array;

export interface NodeOptions {
  /** How many outputs to name automatically, or their names. Default 1. An empty name leaves an output out. */
  outputs?: number | readonly string[];
  /** Operator domain, `''` for ONNX itself. */
  domain?: string;
}

interface PendingWeight {
  name: string;
  type: ElementType;
  dims: readonly number[];
  data: TensorData | (() => TensorData);
  byteLength: number;
}

const IR_VERSION = 8;
/** Smaller tensors stay in the model file, where shape inference can read them. */
const INLINE_BYTES = 1024;
/** Pages, so that onnxruntime can map the file instead of copying it. */
const PAGE_BYTES = 4096;

/**
 * Writes an ONNX model. Values are named by strings; `''` stands for an absent optional input.
 * Large weights go into `<path>.data`; a weight given as a function is read only while it is written.
 */
export class GraphBuilder {
  readonly #name: string;
  readonly #opsets: { domain: string; version: number }[];
  readonly #nodes: Record<string, unknown>[] = [];
  readonly #inputs: Record<string, unknown>[] = [];
  readonly #outputs: Record<string, unknown>[] = [];
  readonly #valueInfo: Record<string, unknown>[] = [];
  readonly #weights = new Map<string, PendingWeight>();
  readonly #constants = new Map<string, string>();

  constructor(name: string, options: { opset: number; extraDomains?: Record<string, number> }) {
    this.#name = name;
    this.#opsets = [{ domain: '', version: options.opset }];
    for (const [domain, version] of Object.entries(options.extraDomains ?? {})) this.#opsets.push({ domain, version });
  }

  input(name: string, type: ElementType, dims: readonly Dim[]): string {
    this.#inputs.push(toValueInfo(name, type, dims));
    return name;
  }

  /** Declares a value that some node already makes as an output of the graph, under the same name. */
  output(name: string, type: ElementType, dims: readonly Dim[]): void {
    this.#outputs.push(toValueInfo(name, type, dims));
  }

  /** States a value's type where onnxruntime cannot infer it. */
  valueInfo(name: string, type: ElementType, dims: readonly Dim[]): void {
    this.#valueInfo.push(toValueInfo(name, type, dims));
  }

  /** An initializer. float16 is given as its bits in a `Uint16Array`, bool as a `Uint8Array`. */
  weight(name: string, type: ElementType, dims: readonly number[], data: TensorData | (() => TensorData)): string {
    if (this.#weights.has(name)) throw new LecternError('internal', `graph ${this.#name}: weight ${name} is given twice`);
    const byteLength = dims.reduce((product, dim) => product * dim, 1) * ELEMENT_TYPES[type].bytes;
    if (typeof data !== 'function') this.#checkSize(name, byteLength, data);
    this.#weights.set(name, { name, type, dims: [...dims], data, byteLength });
    return name;
  }

  /** A small initializer without a name of its own; equal ones are shared. `dims` of `[]` is a scalar. */
  constant(type: 'float32' | 'int32' | 'int64' | 'uint8' | 'int8' | 'bool', dims: readonly number[], values: readonly number[]): string {
    const key = `${type}[${dims.join()}]${values.join()}`;
    const known = this.#constants.get(key);
    if (known !== undefined) return known;
    const name = this.weight(`constant_${this.#constants.size}`, type, dims, toTypedArray(type, values));
    this.#constants.set(key, name);
    return name;
  }

  /** Adds a node and returns the names of its outputs. */
  node(op: string, inputs: readonly string[], attributes: Record<string, Attribute> = {}, options: NodeOptions = {}): string[] {
    const name = `${op}_${this.#nodes.length}`;
    const wanted = options.outputs ?? 1;
    const output = typeof wanted === 'number' ? Array.from({ length: wanted }, (_, index) => `${name}_${index}`) : [...wanted];
    this.#nodes.push({
      name,
      opType: op,
      input: [...inputs],
      output,
      domain: options.domain ?? '',
      attribute: Object.entries(attributes).map(([key, value]) => toAttribute(key, value)),
    });
    return output;
  }

  /** Like `node`, for the many operators of which one output is wanted. */
  op(op: string, inputs: readonly string[], attributes: Record<string, Attribute> = {}, domain = ''): string {
    const [output] = this.node(op, inputs, attributes, { domain });
    return output ?? '';
  }

  /** Writes `<path>` and, when there are large weights, `<path>.data`. The model file appears last and whole. */
  async write(path: string): Promise<void> {
    const dataPath = `${path}.data`;
    const suffix = `.${process.pid}.partial`;
    try {
      const initializer = await this.#writeWeights(`${dataPath}${suffix}`, basename(dataPath));
      const model = encodeModel({
        irVersion: IR_VERSION,
        producerName: 'lectern',
        opsetImport: this.#opsets,
        graph: {
          name: this.#name,
          node: this.#nodes,
          initializer,
          input: this.#inputs,
          output: this.#outputs,
          valueInfo: this.#valueInfo,
        },
      });
      await writeAndSync(`${path}${suffix}`, model);
      await rename(`${dataPath}${suffix}`, dataPath);
      await rename(`${path}${suffix}`, path);
    } catch (error) {
      await rm(`${dataPath}${suffix}`, { force: true });
      await rm(`${path}${suffix}`, { force: true });
      throw error;
    }
  }

  async #writeWeights(temporaryPath: string, location: string): Promise<Record<string, unknown>[]> {
    const file = await open(temporaryPath, 'w');
    let offset = 0;
    try {
      const initializers: Record<string, unknown>[] = [];
      for (const weight of this.#weights.values()) {
        const data = typeof weight.data === 'function' ? weight.data() : weight.data;
        this.#checkSize(weight.name, weight.byteLength, data);
        const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
        const base = { name: weight.name, dims: weight.dims, dataType: ELEMENT_TYPES[weight.type].code };
        if (bytes.length <= INLINE_BYTES) {
          initializers.push({ ...base, rawData: bytes });
          continue;
        }
        offset = Math.ceil(offset / PAGE_BYTES) * PAGE_BYTES;
        await writeFully(file, bytes, offset);
        initializers.push({ ...base, dataLocation: 1, externalData: toEntries({ location, offset, length: bytes.length }) });
        offset += bytes.length;
      }
      await file.sync();
      return initializers;
    } finally {
      await file.close();
    }
  }

  #checkSize(name: string, byteLength: number, data: TensorData): void {
    if (data.byteLength === byteLength) return;
    throw new LecternError('internal', `graph ${this.#name}: weight ${name} has ${data.byteLength} bytes, its shape needs ${byteLength}`);
  }
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

function toTypedArray(type: 'float32' | 'int32' | 'int64' | 'uint8' | 'int8' | 'bool', values: readonly number[]): TensorData {
  if (type === 'float32') return Float32Array.from(values);
  if (type === 'int32') return Int32Array.from(values);
  if (type === 'int64') return BigInt64Array.from(values, BigInt);
  if (type === 'int8') return Int8Array.from(values);
  return Uint8Array.from(values);
}
