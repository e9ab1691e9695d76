import type { GraphBuilder } from '../onnx/graph-builder.ts';

const FUSED = 'com.microsoft';

/** Vectors of a layer normalisation over `width` values. */
export interface NormWeights {
  gamma: Float32Array;
  beta: Float32Array;
  epsilon: number;
}

interface NormNames {
  gamma: string;
  beta: string;
}

function addNormWeights(graph: GraphBuilder, name: string, { gamma, beta }: NormWeights): NormNames {
  return {
    gamma: graph.weight(`${name}.gamma`, 'float32', [gamma.length], gamma),
    beta: graph.weight(`${name}.beta`, 'float32', [beta.length], beta),
  };
}

/** Layer normalisation over the last axis. */
export function addNorm(graph: GraphBuilder, name: string, x: string, norm: NormWeights): string {
  const { gamma, beta } = addNormWeights(graph, name, norm);
  return graph.op('LayerNormalization', [x, gamma, beta], { axis: -1, epsilon: { float: norm.epsilon } });
}

/** `sum = x + residual` and its normalisation. Two operators: onnxruntime's fused one takes eight times as long over 1500 rows. */
export function addSkipNorm(
  graph: GraphBuilder,
  name: string,
  x: string,
  residual: string,
  norm: NormWeights,
): { sum: string; normed: string } {
  const sum = graph.op('Add', [x, residual]);
  return { sum, normed: addNorm(graph, name, sum, norm) };
}

/** The exact (error function) GELU. */
export function addGelu(graph: GraphBuilder, x: string): string {
  return graph.op('Gelu', [x], {}, FUSED);
}

/** Splits the last axis into equal parts. */
export function addSplit(graph: GraphBuilder, x: string, parts: number, width: number): string[] {
  const sizes = graph.constant(
    'int64',
    [parts],
    Array.from({ length: parts }, () => width),
  );
  return graph.node('Split', [x, sizes], { axis: -1 }, { outputs: parts });
}

/** `[b, n, heads * size]` to `[b, heads, n, size]`, or for keys `[b, heads, size, n]`. */
export function addSplitHeads(graph: GraphBuilder, x: string, heads: number, size: number, keys = false): string {
  const shape = graph.constant('int64', [4], [0, -1, heads, size]);
  return graph.op('Transpose', [graph.op('Reshape', [x, shape])], { perm: keys ? [0, 2, 3, 1] : [0, 2, 1, 3] });
}
