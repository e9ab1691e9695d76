import { GraphBuilder } from '../../onnx/graph-builder.ts';
import { WHISPER_AUDIO_FRAMES } from '../whisper-interface.ts';
import type { WhisperWeights } from '../whisper-weights.ts';
import { addCrossKeyValues, addDecoder, addLogits, type KeyValue } from './decoder.ts';
import { castTo, OPSETS, toFloat32, toGraphFloats, type Floats } from './graph-parts.ts';

/** How far the noise of one token's place lies from that of the place before. */
export const NOISE_STRIDE = 31;

interface Search {
  outer: GraphBuilder;
  weights: WhisperWeights;
  cross: KeyValue[];
  /** Type of what passes between the operator and its subgraphs: its CPU kernel knows float32 only. */
  carried: Floats;
}

/**
 * `search.onnx` of `whisper-cuda-model.ts`: the whole decoding loop as one operator, `com.microsoft.WhisperBeamSearch`, whose two
 * subgraphs (the pass over the prompt, and a step of one token) share their weights. The operator copies what it is given for
 * cross-attention once a beam; it is given stubs instead, and the subgraphs read the one copy in the graph around them: at 5 beams a
 * fifth of the memory. Both subgraphs must read the same values around them: the operator hands all of them to each. Source of the contract: onnxruntime `contrib_ops/cpu/transformers`, `transformers/models/whisper`.
 */
export function buildSearch(weights: WhisperWeights, floats: Floats, endOfText: number, carried: Floats = floats): GraphBuilder {
  const outer = new GraphBuilder('whisper-search', { ...OPSETS, floats });
  const hidden = outer.input('hidden', 'float32', ['batch', WHISPER_AUDIO_FRAMES, weights.width]);
  outer.input('prompt', 'int32', ['batch', 'prompt_length']);
  outer.input('max_length', 'int32', [1]);
  outer.input('beams', 'int32', [1]);
  outer.input('bias', 'float32', [2, weights.vocabulary]);
  outer.input('logit_scale', 'float32', [1]);
  outer.input('noise', 'float32', [weights.vocabulary + NOISE_STRIDE * weights.maxTokens]);
  const cross = addCrossKeyValues(outer, weights, toGraphFloats(outer, hidden));
  const search: Search = { outer, weights, cross, carried };
  const first = buildFirst(search);
  const step = buildStep(search);
  // The operator takes the size of the batch from its first input, of rank 3: a corner of the audio says it as well as all of it.
  const pair = (...values: number[]): string => outer.constant('int64', [2], values);
  const corner = outer.op('Slice', [hidden, pair(0, 0), pair(1, 1), pair(1, 2)]);
  const [none, one, even] = [outer.constant('int32', [1], [0]), outer.constant('int32', [1], [1]), outer.constant('float32', [1], [1])];
  outer.node(
    'WhisperBeamSearch',
    [corner, 'max_length', none, 'beams', one, even, even, '', '', '', 'prompt'],
    {
      eos_token_id: endOfText,
      pad_token_id: endOfText,
      early_stopping: 1,
      model_type: 2,
      encoder: { graph: first.toMessage() },
      decoder: { graph: step.toMessage() },
    },
    { domain: 'com.microsoft', outputs: ['sequences'] },
  );
  outer.output('sequences', 'int32', ['batch', 1, 'tokens']);
  return outer;
}

/** The pass over the prompt: the operator's `encoder`. */
function buildFirst(search: Search): GraphBuilder {
  const { outer, weights, cross } = search;
  const graph = outer.subgraph('first');
  graph.input('encoder_input_ids', 'float32', ['batch', 1, 1]);
  const tokens = graph.input('decoder_input_ids', 'int32', ['batch', 'prompt_length']);
  const one = graph.constant('int64', [], [1]);
  const length = graph.op('Squeeze', [graph.op('Shape', [tokens], { start: 1, end: 2 })]);
  const positions = graph.op('Range', [graph.constant('int64', [], [0]), length, one]);
  const { hidden, present } = addDecoder({ graph, weights, tokens, positions, cross });
  const last = graph.op('Gather', [hidden, graph.constant('int64', [1], [-1])], { axis: 1 });
  addNextLogits(search, graph, last, graph.op('Sub', [length, one]), 0);
  const batch = graph.op('Shape', [tokens], { start: 0, end: 1 });
  addStub(search, graph, 'encoder_hidden_states', batch, 2);
  addPresent(search, graph, present, 'batch', 'prompt_length');
  for (let layer = 0; layer < weights.decoderLayers; layer++) {
    addStub(search, graph, `present_key_cross_${layer}`, batch, 3);
    addStub(search, graph, `present_value_cross_${layer}`, batch, 3);
  }
  return graph;
}

/** One more token a row: the operator's `decoder`. */
function buildStep(search: Search): GraphBuilder {
  const { outer, weights, cross, carried } = search;
  const { heads, decoderLayers } = weights;
  const size = weights.width / heads;
  const graph = outer.subgraph('step');
  const tokens = graph.input('input_ids', 'int32', ['rows', 1]);
  const layers = Array.from({ length: decoderLayers }, (_, layer) => layer);
  const takePast = (name: string): string => {
    const past = graph.input(name, carried, ['rows', heads, 'past', size]);
    return carried === graph.floats ? past : castTo(graph, past, graph.floats);
  };
  const past = layers.map((layer) => ({ key: takePast(`past_key_self_${layer}`), value: takePast(`past_value_self_${layer}`) }));
  for (const layer of layers) {
    for (const part of ['key', 'value']) graph.input(`past_${part}_cross_${layer}`, carried, ['rows', 1, 1, 1]);
  }
  const place = graph.op('Shape', ['past_key_self_0'], { start: 2, end: 3 });
  const { hidden, present } = addDecoder({ graph, weights, tokens, positions: place, cross, past });
  addNextLogits(search, graph, hidden, place, 1);
  addPresent(search, graph, present, 'rows', 'present');
  return graph;
}

/**
 * `logits [rows, 1, vocabulary]` of what comes after the token at `place`: plus a row of `bias`, times `logit_scale`, plus the place's stretch
 * of `noise`. With Gumbel noise the likeliest token is a draw from the softmax, so that one operator searches at
 * temperature 0 and samples above it, the same way every time.
 */
function addNextLogits(search: Search, graph: GraphBuilder, hidden: string, place: string, biasRow: 0 | 1): void {
  const { weights, carried } = search;
  const raw = toFloat32(graph, addLogits(graph, hidden));
  const bias = graph.op('Gather', ['bias', graph.constant('int64', [], [biasRow])]);
  const scaled = graph.op('Mul', [graph.op('Add', [raw, bias]), 'logit_scale']);
  const axis = graph.constant('int64', [1], [0]);
  const start = graph.op('Reshape', [
    graph.op('Mul', [place, graph.constant('int64', [1], [NOISE_STRIDE])]),
    graph.constant('int64', [1], [1]),
  ]);
  const end = graph.op('Add', [start, graph.constant('int64', [1], [weights.vocabulary])]);
  const noisy = graph.op('Add', [scaled, graph.op('Slice', ['noise', start, end, axis])]);
  addCarried(graph, carried, { name: 'logits', value: noisy, type: 'float32' }, ['rows', 1, weights.vocabulary]);
}

function addPresent({ weights, carried }: Search, graph: GraphBuilder, present: readonly KeyValue[], rows: string, length: string): void {
  const dims = [rows, weights.heads, length, weights.width / weights.heads];
  for (const [layer, { key, value }] of present.entries()) {
    addCarried(graph, carried, { name: `present_key_self_${layer}`, value: key, type: graph.floats }, dims);
    addCarried(graph, carried, { name: `present_value_self_${layer}`, value, type: graph.floats }, dims);
  }
}

/** One zero for each row, `[batch, 1, ...]`. */
function addStub({ carried }: Search, graph: GraphBuilder, name: string, batch: string, further: number): void {
  const ones = Array.from({ length: further }, () => 1);
  const shape = graph.op('Concat', [batch, graph.constant('int64', [further], ones)], { axis: 0 });
  const value = graph.op('Expand', [graph.constant('float32', [], [0]), shape]);
  addCarried(graph, carried, { name, value, type: 'float32' }, ['batch', ...ones]);
}

function addCarried(
  graph: GraphBuilder,
  carried: Floats,
  { name, value, type }: { name: string; value: string; type: Floats },
  dims: readonly (string | number)[],
): void {
  graph.node('Identity', [type === carried ? value : castTo(graph, value, carried)], {}, { outputs: [name] });
  graph.output(name, carried, dims);
}
