import { LecternError } from '../../contracts/errors.ts';
import { toHalfBits } from '../graphs/half.ts';
import { readWeight, toInlineTensor, writeGraphFile, type GraphWeight, type TensorData } from './graph-file.ts';
import { toAttribute, toValueInfo, type Attribute, type Dim, type GraphMessage } from './onnx-message.ts';
import { encodeModel, type ElementType } from './onnx-schema.ts';

export interface NodeOptions {
  /** How many outputs to name automatically, or their names. Default 1. An empty name leaves an output out. */
  outputs?: number | readonly string[];
  /** Operator domain, `''` for ONNX itself. */
  domain?: string;
}

export interface GraphOptions {
  opset: number;
  extraDomains?: Record<string, number>;
  /** How `weight` stores float32 data. Default float32; with `float16` such a graph computes in halves (`constant`s stay as they are). */
  floats?: 'float32' | 'float16';
}

const IR_VERSION = 8;

/**
 * Writes an ONNX model. Values are named by strings; `''` stands for an absent optional input.
 * Large weights go into `<path>.data`; a weight given as a function is read only while it is written.
 */
export class GraphBuilder {
  readonly #name: string;
  readonly #options: GraphOptions;
  readonly #outer: GraphBuilder | undefined;
  readonly #nodes: Record<string, unknown>[] = [];
  readonly #inputs: Record<string, unknown>[] = [];
  readonly #outputs: Record<string, unknown>[] = [];
  readonly #valueInfo: Record<string, unknown>[] = [];
  readonly #weights = new Map<string, GraphWeight>();
  readonly #constants = new Map<string, string>();

  constructor(name: string, options: GraphOptions, outer?: GraphBuilder) {
    this.#name = name;
    this.#options = options;
    this.#outer = outer;
  }

  /** The element type that float32 weights have in this graph, and so what its layers compute in. */
  get floats(): 'float32' | 'float16' {
    return this.#options.floats ?? 'float32';
  }

  /**
   * A graph for an attribute of one of this graph's nodes; it can read every value that this graph has by then. Its weights are kept
   * here and shared by name with its siblings, its constants in itself, where shape inference reads them.
   */
  subgraph(name: string): GraphBuilder {
    return new GraphBuilder(name, this.#options, this);
  }

  /** A finished subgraph, as `{ graph }` attributes hold it. */
  toMessage(): GraphMessage {
    return this.#message(Array.from(this.#weights.values(), toInlineTensor));
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
    if (this.#outer !== undefined) return this.#outer.#weights.has(name) ? name : this.#outer.weight(name, type, dims, data);
    if (type !== 'float32' || this.floats === 'float32') return this.#keep(name, type, dims, data);
    return this.#keep(name, 'float16', dims, () => toHalves(name, typeof data === 'function' ? data() : data));
  }

  #keep(name: string, type: ElementType, dims: readonly number[], data: TensorData | (() => TensorData)): string {
    if (this.#weights.has(name)) throw new LecternError('internal', `graph ${this.#name}: weight ${name} is given twice`);
    const weight: GraphWeight = { name, type, dims: [...dims], data };
    if (typeof data !== 'function') readWeight(weight);
    this.#weights.set(name, weight);
    return name;
  }

  /** A small initializer without a name of its own; equal ones are shared. `dims` of `[]` is a scalar. */
  constant(type: 'float32' | 'int32' | 'int64' | 'uint8' | 'int8' | 'bool', dims: readonly number[], values: readonly number[]): string {
    const key = `${type}[${dims.join()}]${values.join()}`;
    const known = this.#constants.get(key);
    if (known !== undefined) return known;
    const name = this.#keep(`${this.#scope()}constant_${this.#constants.size}`, type, dims, toTypedArray(type, values));
    this.#constants.set(key, name);
    return name;
  }

  /** Adds a node and returns the names of its outputs. */
  node(op: string, inputs: readonly string[], attributes: Record<string, Attribute> = {}, options: NodeOptions = {}): string[] {
    const name = `${this.#scope()}${op}_${this.#nodes.length}`;
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
    await writeGraphFile(path, this.#weights.values(), (initializer) =>
      encodeModel({ irVersion: IR_VERSION, producerName: 'lectern', opsetImport: this.#opsets(), graph: this.#message(initializer) }),
    );
  }

  #message(initializer: Record<string, unknown>[]): GraphMessage {
    return {
      name: this.#name,
      node: this.#nodes,
      initializer,
      input: this.#inputs,
      output: this.#outputs,
      valueInfo: this.#valueInfo,
    };
  }

  #opsets(): { domain: string; version: number }[] {
    const { opset, extraDomains = {} } = this.#options;
    return Object.entries({ '': opset, ...extraDomains }).map(([domain, version]) => ({ domain, version }));
  }

  /** Names of a subgraph may not be those of the graph around it. */
  #scope(): string {
    return this.#outer === undefined ? '' : `${this.#name}/`;
  }
}

function toHalves(name: string, data: TensorData): Uint16Array {
  if (data instanceof Float32Array) return toHalfBits(data);
  throw new LecternError('internal', `weight ${name} is said to be float32 and is not`);
}

function toTypedArray(type: 'float32' | 'int32' | 'int64' | 'uint8' | 'int8' | 'bool', values: readonly number[]): TensorData {
  if (type === 'float32') return Float32Array.from(values);
  if (type === 'int32') return Int32Array.from(values);
  if (type === 'int64') return BigInt64Array.from(values, BigInt);
  if (type === 'int8') return Int8Array.from(values);
  return Uint8Array.from(values);
}
