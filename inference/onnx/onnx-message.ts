import { ELEMENT_TYPES, type ElementType } from './onnx-schema.ts';

/** A size, or the name of a size that is only known when the graph runs. */
export type Dim = number | string;

/** What a graph is, as the field names of `GraphProto` say. */
export type GraphMessage = Record<string, unknown>;

/** `number` writes an integer, `{ float }` a float, `number[]` integers, `{ floats }` floats, `{ graph }` a subgraph. */
export type Attribute =
  | number
  | string
  | { float: number }
  | readonly number[]
  | { floats: readonly number[] }
  | readonly string[]
  | { graph: GraphMessage };

export function toValueInfo(name: string, type: ElementType, dims: readonly Dim[]): Record<string, unknown> {
  const dim = dims.map((size) => (typeof size === 'number' ? { dimValue: size } : { dimParam: size }));
  return { name, type: { tensorType: { elemType: ELEMENT_TYPES[type].code, shape: { dim } } } };
}

export function toEntries(entries: Record<string, string | number>): { key: string; value: string }[] {
  return Object.entries(entries).map(([key, value]) => ({ key, value: String(value) }));
}

export function toAttribute(name: string, value: Attribute): Record<string, unknown> {
  if (typeof value === 'number') return { name, type: 2, i: value };
  if (typeof value === 'string') return { name, type: 3, s: Buffer.from(value) };
  if ('float' in value) return { name, type: 1, f: value.float };
  if ('graph' in value) return { name, type: 5, g: value.graph };
  if ('floats' in value) return { name, type: 6, floats: value.floats };
  if (isIntegers(value)) return { name, type: 7, ints: value };
  return { name, type: 8, strings: value.map((item) => Buffer.from(item)) };
}

function isIntegers(value: readonly number[] | readonly string[]): value is readonly number[] {
  return value.every((item) => typeof item === 'number');
}
