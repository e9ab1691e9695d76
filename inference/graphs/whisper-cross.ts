import type { GraphBuilder } from '../onnx/graph-builder.ts';

const FUSED = 'com.microsoft';
const FLOAT32_CODE = 1;
const INT8_CODE = 3;
const INT32_CODE = 6;
/** Keeps a channel that is zero throughout from dividing by zero. */
const LEAST_SCALE = 1e-9;

interface Heads {
  heads: number;
  /** Channels of a head. */
  size: number;
}

/**
 * Stores `x`, `[batch, frames, heads * size]`, as the output `name`, int8 `[batch, heads, frames, size]`, and `name_scale`, float32
 * `[batch, 1, heads * size]`: one scale a window and channel, symmetric. A decoding step does little but read what it attends to,
 * so a quarter of the bytes is two to three times the speed, at an error of 1 % of the attention's output.
 */
export function addQuantizedHeads(graph: GraphBuilder, x: string, name: string, { heads, size }: Heads): void {
  const highest = graph.op('ReduceMax', [graph.op('Abs', [x])], { axes: [1], keepdims: 1 });
  const scale = graph.op('Mul', [
    graph.op('Max', [highest, graph.constant('float32', [], [LEAST_SCALE])]),
    graph.constant('float32', [], [1 / 127]),
  ]);
  graph.node('Identity', [scale], {}, { outputs: [`${name}_scale`] });
  graph.output(`${name}_scale`, 'float32', ['batch', 1, heads * size]);
  const codes = graph.op('Cast', [graph.op('Round', [graph.op('Div', [x, scale])])], { to: INT8_CODE });
  const shape = graph.constant('int64', [4], [0, -1, heads, size]);
  graph.node('Transpose', [graph.op('Reshape', [codes, shape])], { perm: [0, 2, 1, 3] }, { outputs: [name] });
  graph.output(name, 'int8', ['batch', heads, 'frames', size]);
}

/** Sizes of the audio that all layers of a decoder attend to, as GroupQueryAttention wants them. */
export interface CrossLengths {
  /** int32 `[batch]`: frames - 1. */
  lastFrame: string;
  /** int32 scalar: frames. */
  frames: string;
  /** int64 `[new]`: the last frames, as many as there are new tokens. */
  tail: string;
}

/** `ids` is `[batch, new]`, `key` any layer's `[batch, heads, frames, size]`. */
export function addCrossLengths(graph: GraphBuilder, ids: string, key: string): CrossLengths {
  const one = graph.constant('int64', [1], [1]);
  const axis = graph.constant('int64', [1], [0]);
  const frames = graph.op('Shape', [key], { start: 2, end: 3 });
  const added = graph.op('Shape', [ids], { start: 1, end: 2 });
  const last = graph.op('Cast', [graph.op('Sub', [frames, one])], { to: INT32_CODE });
  const scalar = (value: string): string => graph.op('Squeeze', [value, axis]);
  return {
    lastFrame: graph.op('Expand', [last, graph.op('Shape', [ids], { start: 0, end: 1 })]),
    frames: graph.op('Cast', [scalar(frames)], { to: INT32_CODE }),
    tail: graph.op('Range', [scalar(graph.op('Sub', [frames, added])), scalar(frames), graph.constant('int64', [], [1])]),
  };
}

export interface CrossAttention extends Heads {
  layer: number;
  /** Whether keys and values are stored by `addQuantizedHeads`. */
  quantized: boolean;
  /** Whether the scores before the softmax are wanted. */
  withScores: boolean;
  lengths: CrossLengths;
}

/**
 * Attention of scaled queries `q`, `[batch, new, heads * size]`, to the whole audio of their row. Declares the inputs `cross_key_i` and
 * `cross_value_i` (and their scales) and the outputs `present_cross_key_i` and `present_cross_value_i`, which must be given the very
 * buffers of the inputs. That is how GroupQueryAttention, made for a model's own growing cache, serves an audio that never grows: the
 * "new" frames that it appends are the audio's last ones, written where they lie. It is the one operator of onnxruntime for CPUs that
 * attends to int8. Scales are a window's own: keys' go into the queries, values' come after.
 * More than one new token wants a batch of one.
 */
export function addCrossAttention(graph: GraphBuilder, q: string, cross: CrossAttention): { output: string; scores?: string } {
  const { layer, heads, size, quantized, lengths } = cross;
  const [key, value] = ['key', 'value'].map((part) => `cross_${part}_${layer}`) as [string, string];
  for (const name of [key, value]) {
    graph.input(name, quantized ? 'int8' : 'float32', ['batch', heads, 'frames', size]);
    graph.output(`present_${name}`, quantized ? 'int8' : 'float32', ['batch', heads, 'frames', size]);
    if (quantized) graph.input(`${name}_scale`, 'float32', ['batch', 1, heads * size]);
  }
  const unit = graph.constant('float32', [1], [1]);
  const inputs = [
    quantized ? graph.op('Mul', [q, `${key}_scale`]) : q,
    addTail(graph, key, cross),
    addTail(graph, value, cross),
    key,
    value,
    lengths.lastFrame,
    lengths.frames,
    ...(quantized ? ['', '', '', '', '', unit, unit] : []),
  ];
  const types = { k_quant_type: 'PER_TENSOR', v_quant_type: 'PER_TENSOR', kv_cache_bit_width: 8 };
  const attributes = {
    num_heads: heads,
    kv_num_heads: heads,
    scale: { float: 1 },
    causal: 0,
    ...(cross.withScores ? { qk_output: 1 } : {}),
    ...(quantized ? types : {}),
  };
  const scores = `cross_scores_${layer}`;
  const outputs = [`cross_${layer}.mixed`, `present_${key}`, `present_${value}`, ...(cross.withScores ? [scores] : [])];
  const [mixed = ''] = graph.node('GroupQueryAttention', inputs, attributes, { domain: FUSED, outputs });
  return { output: quantized ? graph.op('Mul', [mixed, `${value}_scale`]) : mixed, ...(cross.withScores ? { scores } : {}) };
}

/** The last frames of `[batch, heads, frames, size]` as float32 `[batch, new, heads * size]`. */
function addTail(graph: GraphBuilder, source: string, { heads, size, quantized, lengths }: CrossAttention): string {
  const frames = graph.op('Gather', [source, lengths.tail], { axis: 2 });
  const shape = graph.constant('int64', [3], [0, -1, heads * size]);
  const joined = graph.op('Reshape', [graph.op('Transpose', [frames], { perm: [0, 2, 1, 3] }), shape]);
  return quantized ? graph.op('Cast', [joined], { to: FLOAT32_CODE }) : joined;
}
