import type { GraphBuilder } from '../onnx/graph-builder.ts';

/** `int8` is for CPUs; `fp32` is what it is measured against. */
export type Precision = 'fp32' | 'int8';

/** A dense layer as PyTorch stores it: `weight` is `[outputs, inputs]`. */
export interface LinearWeights {
  weight: Float32Array;
  bias?: Float32Array;
  outputs: number;
  inputs: number;
}

/**
 * Adds `x W^T + b`. In `int8` weights are signed with one scale per output channel and zero-point 0, activations are
 * quantised as they come (`DynamicQuantizeMatMul`); the products are exact integers on every CPU with VNNI or AMX.
 */
export function addLinear(graph: GraphBuilder, precision: Precision, name: string, x: string, read: () => LinearWeights): string {
  const { weight, bias, outputs, inputs } = read();
  const biasName = bias === undefined ? '' : graph.weight(`${name}.bias`, 'float32', [outputs], bias);
  if (precision === 'fp32') {
    const w = graph.weight(`${name}.weight`, 'float32', [inputs, outputs], () => transpose(read().weight, outputs, inputs));
    const product = graph.op('MatMul', [x, w]);
    return biasName === '' ? product : graph.op('Add', [product, biasName]);
  }
  const scales = channelScales(weight, outputs, inputs);
  const w = graph.weight(`${name}.weight`, 'int8', [inputs, outputs], () => quantize(read().weight, scales, inputs));
  const scale = graph.weight(`${name}.scale`, 'float32', [outputs], scales);
  const zero = graph.weight(`${name}.zero`, 'int8', [outputs], new Int8Array(outputs));
  return graph.op('DynamicQuantizeMatMul', [x, w, scale, zero, biasName], {}, 'com.microsoft');
}

/** Where a GELU's outputs stop being common: of thousands a few reach 50, nearly all stay below this. */
const COMMON_LIMIT = 4;

/**
 * `addLinear` for what comes out of a GELU. A few huge values would spend the 8 bits that all values share (error of
 * Whisper's encoder: 18 % instead of 7 %), so common and rare parts are multiplied apart, each with its own scale:
 * zeros are exact in both, and so the rare part adds noise to itself only. Twice the work of this layer, measured
 * 2.5 times faster than leaving it in float32.
 */
export function addLinearAfterGelu(graph: GraphBuilder, precision: Precision, name: string, x: string, read: () => LinearWeights): string {
  if (precision === 'fp32') return addLinear(graph, precision, name, x, read);
  const limits = [-COMMON_LIMIT, COMMON_LIMIT].map((limit) => graph.constant('float32', [], [limit]));
  const common = graph.op('Clip', [x, ...limits]);
  const rare = graph.op('Sub', [x, common]);
  const withoutBias = (): LinearWeights => {
    const { weight, outputs, inputs } = read();
    return { weight, outputs, inputs };
  };
  return graph.op('Add', [addLinear(graph, precision, name, common, read), addLinear(graph, precision, `${name}.rare`, rare, withoutBias)]);
}

function transpose(weight: Float32Array, outputs: number, inputs: number): Float32Array {
  const result = new Float32Array(weight.length);
  forEachTransposed(outputs, inputs, (from, to) => {
    result[to] = weight[from] ?? 0;
  });
  return result;
}

function channelScales(weight: Float32Array, outputs: number, inputs: number): Float32Array {
  const scales = new Float32Array(outputs);
  for (let out = 0; out < outputs; out++) {
    let largest = 0;
    for (let input = 0; input < inputs; input++) largest = Math.max(largest, Math.abs(weight[out * inputs + input] ?? 0));
    scales[out] = largest === 0 ? 1 : largest / 127;
  }
  return scales;
}

function quantize(weight: Float32Array, scales: Float32Array, inputs: number): Int8Array {
  const outputs = scales.length;
  const result = new Int8Array(weight.length);
  forEachTransposed(outputs, inputs, (from, to, out) => {
    result[to] = Math.round((weight[from] ?? 0) / (scales[out] ?? 1));
  });
  return result;
}

const TILE = 64;

/** Visits `[rows, columns]` in tiles that fit the cache, with the index of each element there and in its transpose. */
function forEachTransposed(rows: number, columns: number, visit: (from: number, to: number, row: number) => void): void {
  for (let rowStart = 0; rowStart < rows; rowStart += TILE) {
    const rowEnd = Math.min(rowStart + TILE, rows);
    for (let columnStart = 0; columnStart < columns; columnStart += TILE) {
      const columnEnd = Math.min(columnStart + TILE, columns);
      for (let row = rowStart; row < rowEnd; row++) {
        for (let column = columnStart; column < columnEnd; column++) visit(row * columns + column, column * rows + row, row);
      }
    }
  }
}
