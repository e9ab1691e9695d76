import type { GraphBuilder } from '../../onnx/graph-builder.ts';
import { addLinear } from '../linear.ts';
import { addGelu, addNorm, addSkipNorm, addSplit, addSplitHeads } from '../transformer.ts';
import type { WhisperWeights } from '../whisper-weights.ts';
import { normOf } from './graph-parts.ts';

const FUSED = 'com.microsoft';
const EMBEDDING = 'embedding';

/** Names of an attention's tensors in a graph. */
export interface KeyValue {
  key: string;
  value: string;
}

/** One pass of the decoder over new tokens, as a part of some graph. */
export interface DecoderPass {
  graph: GraphBuilder;
  weights: WhisperWeights;
  /** `[rows, new]` token ids, int32 or int64. */
  tokens: string;
  /** `[new]` places of the tokens, int64. */
  positions: string;
  /** What each layer listens to: key `[audio, heads, size, frames]`, value `[audio, heads, frames, size]`. */
  cross: readonly KeyValue[];
  /** Earlier tokens of each layer, `[rows, heads, past, size]`; without them the new tokens are the first. */
  past?: readonly KeyValue[];
}

export interface DecoderResult {
  /** `[rows, new, width]` after the last normalisation. */
  hidden: string;
  /** Each layer's tokens so far, `[rows, heads, past + new, size]`. */
  present: KeyValue[];
  /** Each layer's `[audio, heads, rows / audio * new, frames]` before the softmax. */
  crossScores: string[];
}

/** Keys and values that the decoder's layers attend to in `hidden [audio, frames, width]`, in the graph that holds them. */
export function addCrossKeyValues(graph: GraphBuilder, weights: WhisperWeights, hidden: string): KeyValue[] {
  const { width, heads } = weights;
  const size = width / heads;
  return Array.from({ length: weights.decoderLayers }, (_, layer) => {
    const name = `decoder/layer_${layer}/attention/linear_1`;
    const fused = addLinear(graph, 'fp32', name, hidden, () => weights.linear(name));
    const [key = '', value = ''] = addSplit(graph, fused, 2, width);
    return { key: addSplitHeads(graph, key, heads, size, true), value: addSplitHeads(graph, value, heads, size) };
  });
}

/** Source: OpenAI Whisper (Radford et al. 2022), pre-norm transformer decoder. */
export function addDecoder(pass: DecoderPass): DecoderResult {
  const { graph, weights } = pass;
  const rows = graph.op('Concat', [graph.op('Shape', [pass.tokens]), graph.constant('int64', [1], [-1])], { axis: 0 });
  let x = addEmbedding(pass);
  let normed = addNorm(graph, 'decoder/first_norm', x, normOf(weights, 'decoder/layer_0/self_attention/layer_norm'));
  const present: KeyValue[] = [];
  const crossScores: string[] = [];
  for (let layer = 0; layer < weights.decoderLayers; layer++) {
    const name = `decoder/layer_${layer}`;
    const own = addSelfAttention(pass, layer, normed);
    present.push(own.present);
    const heard = addSkipNorm(graph, `${name}/heard`, x, own.output, normOf(weights, `${name}/attention/layer_norm`));
    const cross = addCrossAttention(pass, layer, heard.normed, rows);
    crossScores.push(cross.scores);
    const middle = addSkipNorm(graph, `${name}/middle`, heard.sum, cross.output, normOf(weights, `${name}/ffn/layer_norm`));
    const wide = addGelu(graph, dense(pass, `${name}/ffn/linear_0`, middle.normed));
    const narrow = dense(pass, `${name}/ffn/linear_1`, wide);
    const next = layer + 1 < weights.decoderLayers ? `decoder/layer_${layer + 1}/self_attention/layer_norm` : 'decoder/layer_norm';
    ({ sum: x, normed } = addSkipNorm(graph, `${name}/end`, middle.sum, narrow, normOf(weights, next)));
  }
  return { hidden: normed, present, crossScores };
}

/** Logits `[rows, new, vocabulary]` of what `addDecoder` gave: by the table that embeds tokens, which Whisper uses both ways. */
export function addLogits(graph: GraphBuilder, hidden: string): string {
  return graph.op('FusedMatMul', [hidden, EMBEDDING], { transB: 1 }, FUSED);
}

function addEmbedding({ graph, weights, tokens, positions }: DecoderPass): string {
  const { vocabulary, width, maxTokens } = weights;
  const table = graph.weight(EMBEDDING, 'float32', [vocabulary, width], () => weights.floats('decoder/embeddings/weight'));
  const places = graph.weight('decoder/positions', 'float32', [maxTokens, width], () =>
    weights.floats('decoder/position_encodings/encodings'),
  );
  return graph.op('Add', [graph.op('Gather', [table, tokens]), graph.op('Gather', [places, positions])]);
}

function dense({ graph, weights }: DecoderPass, name: string, x: string): string {
  return addLinear(graph, 'fp32', name, x, () => weights.linear(name));
}

function addSelfAttention(pass: DecoderPass, layer: number, x: string): { output: string; present: KeyValue } {
  const { graph, weights, past } = pass;
  const { width, heads } = weights;
  const size = width / heads;
  const name = `decoder/layer_${layer}/self_attention`;
  const [q = '', k = '', v = ''] = addSplit(graph, dense(pass, `${name}/linear_0`, x), 3, width);
  const earlier = past?.[layer];
  if (earlier === undefined) {
    const attended = graph.op('MultiHeadAttention', [q, k, v], { num_heads: heads, unidirectional: 1 }, FUSED);
    const present = { key: addSplitHeads(graph, k, heads, size), value: addSplitHeads(graph, v, heads, size) };
    return { output: dense(pass, `${name}/linear_1`, attended), present };
  }
  // One new token sees everything before it: there is nothing to mask.
  const inputs = [q, k, v, '', '', '', earlier.key, earlier.value];
  const [attended = '', key = '', value = ''] = graph.node(
    'MultiHeadAttention',
    inputs,
    { num_heads: heads },
    { domain: FUSED, outputs: 3 },
  );
  return { output: dense(pass, `${name}/linear_1`, attended), present: { key, value } };
}

/** Rows of one recording stand together as more queries to the same keys, so that beams share what they read. */
function addCrossAttention(pass: DecoderPass, layer: number, x: string, rows: string): { output: string; scores: string } {
  const { graph, weights, cross } = pass;
  const { width, heads } = weights;
  const size = width / heads;
  const { key, value } = cross[layer] ?? { key: '', value: '' };
  const name = `decoder/layer_${layer}/attention`;
  const scaled = { rows: width, scale: size ** -0.5 };
  const q = addLinear(graph, 'fp32', `${name}/linear_0`, x, () => weights.linear(`${name}/linear_0`, scaled));
  const audio = graph.op('Shape', [key], { start: 0, end: 1 });
  const shape = graph.op('Concat', [audio, graph.constant('int64', [3], [-1, heads, size])], { axis: 0 });
  const queries = graph.op('Transpose', [graph.op('Reshape', [q, shape])], { perm: [0, 2, 1, 3] });
  const scores = graph.op('MatMul', [queries, key]);
  const mixed = graph.op('MatMul', [graph.op('Softmax', [scores], { axis: -1 }), value]);
  const joined = graph.op('Reshape', [graph.op('Transpose', [mixed], { perm: [0, 2, 1, 3] }), rows]);
  return { scores, output: dense(pass, `${name}/linear_2`, joined) };
}
