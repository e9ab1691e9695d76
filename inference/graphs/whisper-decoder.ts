import { GraphBuilder } from '../onnx/graph-builder.ts';
import { toHalfBits } from './half.ts';
import { addLinear, addLinearAfterGelu, type Precision } from './linear.ts';
import { addGelu, addNorm, addSkipNorm, addSplit, addSplitHeads, type NormWeights } from './transformer.ts';
import { addCrossAttention, addCrossLengths, type CrossLengths } from './whisper-cross.ts';
import type { WhisperWeights } from './whisper-weights.ts';

const EPSILON = 1e-5;
const FLOAT32_CODE = 1;
/** Added to the scores of tokens that lie ahead. Finite, so that no arithmetic on it makes a NaN. */
const MASKED = -1e30;

/** `decoder.onnx` of `whisper-interface.ts`. `alignmentHeads` are `[layer, head]`. */
export function buildWhisperDecoder(
  weights: WhisperWeights,
  precision: Precision,
  alignmentHeads: readonly (readonly [number, number])[],
): GraphBuilder {
  const graph = new GraphBuilder('whisper-decoder', { opset: 17, extraDomains: { 'com.microsoft': 1 } });
  const ids = graph.input('input_ids', 'int64', ['batch', 'new']);
  const positions = graph.input('positions', 'int64', ['new']);
  const logitRows = graph.input('logit_rows', 'int64', ['scored']);
  let x = addEmbedding(graph, weights, precision, ids, positions);
  let normed = addNorm(graph, 'decoder/first_norm', x, norm(weights, 'decoder/layer_0/self_attention/layer_norm'));
  const lengths = addCrossLengths(graph, ids, 'cross_key_0');
  const decoder: Decoder = { graph, weights, precision, batch: addBatch(graph, ids), mask: addMask(graph, positions), lengths };
  const scores: (string | undefined)[] = [];
  for (let layer = 0; layer < weights.decoderLayers; layer++) {
    const name = `decoder/layer_${layer}`;
    const own = addSelfAttention(decoder, layer, normed);
    const heard = addSkipNorm(graph, `${name}/heard`, x, own, norm(weights, `${name}/attention/layer_norm`));
    const cross = addHearing(
      decoder,
      layer,
      heard.normed,
      alignmentHeads.some(([each]) => each === layer),
    );
    scores.push(cross.scores);
    const middle = addSkipNorm(graph, `${name}/middle`, heard.sum, cross.output, norm(weights, `${name}/ffn/layer_norm`));
    const wide = addGelu(
      graph,
      addLinear(graph, precision, `${name}/wide`, middle.normed, () => weights.linear(`${name}/ffn/linear_0`)),
    );
    const narrow = addLinearAfterGelu(graph, precision, `${name}/narrow`, wide, () => weights.linear(`${name}/ffn/linear_1`));
    const next = layer + 1 < weights.decoderLayers ? `decoder/layer_${layer + 1}/self_attention/layer_norm` : 'decoder/layer_norm';
    ({ sum: x, normed } = addSkipNorm(graph, `${name}/end`, middle.sum, narrow, norm(weights, next)));
  }
  addLogits(decoder, graph.op('Gather', [normed, logitRows], { axis: 1 }));
  addAlignmentScores(graph, scores, alignmentHeads);
  return graph;
}

interface Decoder {
  graph: GraphBuilder;
  weights: WhisperWeights;
  precision: Precision;
  /** `[batch, -1, width]`: the shape that puts the rows of one recording back where they belong. */
  batch: string;
  /** `[new, past + new]`, added to scores. */
  mask: string;
  lengths: CrossLengths;
}

function addEmbedding(graph: GraphBuilder, weights: WhisperWeights, precision: Precision, ids: string, positions: string): string {
  const { vocabulary, width, maxTokens } = weights;
  const read = (): Float32Array => weights.floats('decoder/embeddings/weight');
  const half = precision !== 'fp32';
  const table = half
    ? graph.weight('embedding', 'float16', [vocabulary, width], () => toHalfBits(read()))
    : graph.weight('embedding', 'float32', [vocabulary, width], read);
  const gathered = graph.op('Gather', [table, ids]);
  const embedded = half ? graph.op('Cast', [gathered], { to: FLOAT32_CODE }) : gathered;
  const places = graph.weight('positions_table', 'float32', [maxTokens, width], weights.floats('decoder/position_encodings/encodings'));
  return graph.op('Add', [embedded, graph.op('Gather', [places, positions])]);
}

function addBatch(graph: GraphBuilder, ids: string): string {
  const batch = graph.op('Shape', [ids], { start: 0, end: 2 });
  return graph.op('Concat', [batch, graph.constant('int64', [1], [-1])], { axis: 0 });
}

/** A token sees itself and what is before it: key k is hidden from position p when k > p. */
function addMask(graph: GraphBuilder, positions: string): string {
  const one = graph.constant('int64', [], [1]);
  const last = graph.op('ReduceMax', [positions], { keepdims: 0 });
  const keys = graph.op('Range', [graph.constant('int64', [], [0]), graph.op('Add', [last, one]), one]);
  const column = graph.op('Unsqueeze', [positions, graph.constant('int64', [1], [1])]);
  return graph.op('Where', [
    graph.op('Greater', [keys, column]),
    graph.constant('float32', [], [MASKED]),
    graph.constant('float32', [], [0]),
  ]);
}

function addSelfAttention({ graph, weights, precision, batch, mask }: Decoder, layer: number, x: string): string {
  const { width, heads } = weights;
  const size = width / heads;
  const name = `decoder/layer_${layer}/self_attention`;
  const scaled = { rows: width, scale: size ** -0.5 };
  const fused = addLinear(graph, precision, `${name}/qkv`, x, () => weights.linear(`${name}/linear_0`, scaled));
  const [q = '', k = '', v = ''] = addSplit(graph, fused, 3, width);
  const pastKey = graph.input(`past_key_${layer}`, 'float32', ['batch', heads, size, 'past']);
  const pastValue = graph.input(`past_value_${layer}`, 'float32', ['batch', heads, 'past', size]);
  const [key = ''] = graph.node(
    'Concat',
    [pastKey, addSplitHeads(graph, k, heads, size, true)],
    { axis: 3 },
    { outputs: [`present_key_${layer}`] },
  );
  const [value = ''] = graph.node(
    'Concat',
    [pastValue, addSplitHeads(graph, v, heads, size)],
    { axis: 2 },
    { outputs: [`present_value_${layer}`] },
  );
  graph.output(key, 'float32', ['batch', heads, size, 'present']);
  graph.output(value, 'float32', ['batch', heads, 'present', size]);
  const scores = graph.op('Add', [graph.op('MatMul', [addSplitHeads(graph, q, heads, size), key]), mask]);
  const mixed = graph.op('MatMul', [graph.op('Softmax', [scores], { axis: -1 }), value]);
  const joined = graph.op('Reshape', [graph.op('Transpose', [mixed], { perm: [0, 2, 1, 3] }), batch]);
  return addLinear(graph, precision, `${name}/out`, joined, () => weights.linear(`${name}/linear_1`));
}

/** What the layer makes of the audio. `scores`, `[batch, heads, new, frames]`, only where they are wanted. */
function addHearing(
  { graph, weights, precision, lengths }: Decoder,
  layer: number,
  x: string,
  withScores: boolean,
): { output: string; scores?: string } {
  const { width, heads } = weights;
  const size = width / heads;
  const name = `decoder/layer_${layer}/attention`;
  const scaled = { rows: width, scale: size ** -0.5 };
  const q = addLinear(graph, precision, `${name}/q`, x, () => weights.linear(`${name}/linear_0`, scaled));
  const cross = addCrossAttention(graph, q, { layer, heads, size, quantized: precision === 'int8', withScores, lengths });
  return { ...cross, output: addLinear(graph, precision, `${name}/out`, cross.output, () => weights.linear(`${name}/linear_2`)) };
}

function addLogits({ graph, weights, precision }: Decoder, hidden: string): void {
  const logits = addLinear(graph, precision, 'projection', hidden, () => weights.linear('decoder/projection'));
  graph.node('Identity', [logits], {}, { outputs: ['logits'] });
  graph.output('logits', 'float32', ['batch', 'scored', weights.vocabulary]);
}

function addAlignmentScores(
  graph: GraphBuilder,
  scores: readonly (string | undefined)[],
  alignmentHeads: readonly (readonly [number, number])[],
): void {
  const heads = alignmentHeads.map(([layer, head]) =>
    graph.op('Gather', [scores[layer] ?? '', graph.constant('int64', [1], [head])], { axis: 1 }),
  );
  graph.node('Concat', heads, { axis: 1 }, { outputs: ['qk'] });
  graph.output('qk', 'float32', ['batch', alignmentHeads.length, 'new', 'frames']);
}

function norm(weights: WhisperWeights, name: string): NormWeights {
  return { gamma: weights.floats(`${name}/gamma`), beta: weights.floats(`${name}/beta`), epsilon: EPSILON };
}
