import { GraphBuilder } from '../../onnx/graph-builder.ts';
import { WHISPER_AUDIO_FRAMES } from '../whisper-interface.ts';
import type { WhisperWeights } from '../whisper-weights.ts';
import { addCrossKeyValues, addDecoder, addLogits } from './decoder.ts';
import { OPSETS, toFloat32, toGraphFloats, type Floats } from './graph-parts.ts';

/**
 * `scorer.onnx` of `whisper-cuda-model.ts`: one pass over given tokens, for what the decoding loop does not tell: how likely each of
 * them is, whether anybody speaks, in what language, and what the alignment heads listened to. `alignmentHeads` are `[layer, head]`.
 */
export function buildScorer(weights: WhisperWeights, floats: Floats, alignmentHeads: readonly (readonly [number, number])[]): GraphBuilder {
  const graph = new GraphBuilder('whisper-scorer', { ...OPSETS, floats });
  const { vocabulary, width } = weights;
  const hidden = graph.input('hidden', 'float32', ['batch', WHISPER_AUDIO_FRAMES, width]);
  const tokens = graph.input('tokens', 'int64', ['batch', 'length']);
  const start = graph.input('start', 'int64', [1]);
  const bias = graph.input('bias', 'float32', [vocabulary]);
  const [zero, one] = [graph.constant('int64', [], [0]), graph.constant('int64', [], [1])];
  const length = graph.op('Squeeze', [graph.op('Shape', [tokens], { start: 1, end: 2 })]);
  const positions = graph.op('Range', [zero, length, one]);
  const cross = addCrossKeyValues(graph, weights, toGraphFloats(graph, hidden));
  const pass = addDecoder({ graph, weights, tokens, positions, cross });

  const logits = toFloat32(graph, addLogits(graph, pass.hidden));
  graph.node('Squeeze', [graph.op('Gather', [logits, start], { axis: 1 }), axes(graph, 1)], {}, { outputs: ['start_logits'] });
  graph.output('start_logits', 'float32', ['batch', vocabulary]);

  const chances = graph.op('LogSoftmax', [graph.op('Add', [logits, bias])], { axis: -1 });
  const before = graph.op('Slice', [chances, axes(graph, 0), axes(graph, -1), axes(graph, 1)]);
  const after = graph.op('Slice', [tokens, axes(graph, 1), graph.op('Reshape', [length, axes(graph, 1)]), axes(graph, 1)]);
  const chosen = graph.op('GatherElements', [before, graph.op('Unsqueeze', [after, axes(graph, -1)])], { axis: -1 });
  graph.node('Squeeze', [chosen, axes(graph, -1)], {}, { outputs: ['log_probabilities'] });
  graph.output('log_probabilities', 'float32', ['batch', 'scored']);

  const heads = alignmentHeads.map(([layer, head]) =>
    graph.op('Gather', [pass.crossScores[layer] ?? '', graph.constant('int64', [1], [head])], { axis: 1 }),
  );
  graph.node('Identity', [toFloat32(graph, graph.op('Concat', heads, { axis: 1 }))], {}, { outputs: ['qk'] });
  graph.output('qk', 'float32', ['batch', alignmentHeads.length, 'length', WHISPER_AUDIO_FRAMES]);
  return graph;
}

function axes(graph: GraphBuilder, value: number): string {
  return graph.constant('int64', [1], [value]);
}
