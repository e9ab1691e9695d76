import type { GraphBuilder } from '../../onnx/graph-builder.ts';
import { ELEMENT_TYPES } from '../../onnx/onnx-schema.ts';
import type { NormWeights } from '../transformer.ts';
import type { WhisperWeights } from '../whisper-weights.ts';

/** What a graph computes in: halves are a GPU's type, float32 is for the CPU provider and for comparisons. */
export type Floats = 'float32' | 'float16';

export const OPSETS = { opset: 17, extraDomains: { 'com.microsoft': 1 } };

const EPSILON = 1e-5;

export function castTo(graph: GraphBuilder, x: string, type: Floats | 'int64'): string {
  return graph.op('Cast', [x], { to: ELEMENT_TYPES[type].code });
}

/** A float32 value as what the graph computes in. */
export function toGraphFloats(graph: GraphBuilder, x: string): string {
  return graph.floats === 'float32' ? x : castTo(graph, x, graph.floats);
}

/** What the graph computes in as float32. */
export function toFloat32(graph: GraphBuilder, x: string): string {
  return graph.floats === 'float32' ? x : castTo(graph, x, 'float32');
}

export function normOf(weights: WhisperWeights, name: string): NormWeights {
  return { gamma: weights.floats(`${name}/gamma`), beta: weights.floats(`${name}/beta`), epsilon: EPSILON };
}
