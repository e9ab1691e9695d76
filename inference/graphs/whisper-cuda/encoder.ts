import { GraphBuilder } from '../../onnx/graph-builder.ts';
import { addLinear } from '../linear.ts';
import { addGelu, addNorm, addSkipNorm, addSplit } from '../transformer.ts';
import { WHISPER_AUDIO_FRAMES, WHISPER_MEL_FRAMES } from '../whisper-interface.ts';
import type { WhisperWeights } from '../whisper-weights.ts';
import { normOf, OPSETS, toFloat32, toGraphFloats, type Floats } from './graph-parts.ts';

/**
 * `encoder.onnx` of `whisper-cuda-model.ts`: what the audio means, `[batch, 1500, width]`. Keys and values of the cross-attention are
 * made where they are read: from 7.7 MB a window (large-v3) in place of 246 MB that would have to cross the bus.
 */
export function buildEncoder(weights: WhisperWeights, floats: Floats): GraphBuilder {
  const graph = new GraphBuilder('whisper-encoder', { ...OPSETS, floats });
  const { width, heads } = weights;
  const mel = toGraphFloats(graph, graph.input('mel', 'float32', ['batch', weights.melBins, WHISPER_MEL_FRAMES]));
  const first = addGelu(graph, addConv(graph, weights, 'encoder/conv1', mel, 1));
  const second = addGelu(graph, addConv(graph, weights, 'encoder/conv2', first, 2));
  const table = weights.floats('encoder/position_encodings/encodings');
  const positions = graph.weight('positions', 'float32', [WHISPER_AUDIO_FRAMES, width], table);
  let x = graph.op('Add', [graph.op('Transpose', [second], { perm: [0, 2, 1] }), positions]);
  let normed = addNorm(graph, 'first_norm', x, normOf(weights, 'encoder/layer_0/self_attention/layer_norm'));
  for (let layer = 0; layer < weights.encoderLayers; layer++) {
    const name = `encoder/layer_${layer}`;
    const dense = (input: string, part: string): string =>
      addLinear(graph, 'fp32', `${name}/${part}`, input, () => weights.linear(`${name}/${part}`));
    const qkv = addSplit(graph, dense(normed, 'self_attention/linear_0'), 3, width);
    const attended = graph.op('MultiHeadAttention', qkv, { num_heads: heads }, 'com.microsoft');
    const heard = dense(attended, 'self_attention/linear_1');
    const middle = addSkipNorm(graph, `${name}/middle`, x, heard, normOf(weights, `${name}/ffn/layer_norm`));
    const narrow = dense(addGelu(graph, dense(middle.normed, 'ffn/linear_0')), 'ffn/linear_1');
    const next = layer + 1 < weights.encoderLayers ? `encoder/layer_${layer + 1}/self_attention/layer_norm` : 'encoder/layer_norm';
    ({ sum: x, normed } = addSkipNorm(graph, `${name}/end`, middle.sum, narrow, normOf(weights, next)));
  }
  graph.node('Identity', [toFloat32(graph, normed)], {}, { outputs: ['hidden'] });
  graph.output('hidden', 'float32', ['batch', WHISPER_AUDIO_FRAMES, width]);
  return graph;
}

function addConv(graph: GraphBuilder, weights: WhisperWeights, name: string, x: string, stride: number): string {
  const dims = weights.dims(`${name}/weight`);
  const kernel = graph.weight(`${name}.weight`, 'float32', dims, () => weights.floats(`${name}/weight`));
  const bias = graph.weight(`${name}.bias`, 'float32', dims.slice(0, 1), () => weights.floats(`${name}/bias`));
  return graph.op('Conv', [x, kernel, bias], { kernel_shape: [3], pads: [1, 1], strides: [stride] });
}
