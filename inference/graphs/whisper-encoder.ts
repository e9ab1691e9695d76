import { GraphBuilder } from '../onnx/graph-builder.ts';
import { addLinear, addLinearAfterGelu, type Precision } from './linear.ts';
import { addGelu, addNorm, addSkipNorm, addSplit, addSplitHeads, type NormWeights } from './transformer.ts';
import { addQuantizedHeads } from './whisper-cross.ts';
import { WHISPER_AUDIO_FRAMES } from './whisper-interface.ts';
import type { WhisperWeights } from './whisper-weights.ts';

const EPSILON = 1e-5;

/** `encoder.onnx` of `whisper-interface.ts`. Source: OpenAI Whisper (Radford et al. 2022), pre-norm transformer. */
export function buildWhisperEncoder(weights: WhisperWeights, precision: Precision): GraphBuilder {
  const graph = new GraphBuilder('whisper-encoder', { opset: 17, extraDomains: { 'com.microsoft': 1 } });
  const { width, heads } = weights;
  const mel = graph.input('mel', 'float32', ['batch', weights.melBins, 'mel_frames']);
  const first = addGelu(graph, addConv(graph, weights, 'encoder/conv1', mel, 1));
  const second = addGelu(graph, addConv(graph, weights, 'encoder/conv2', first, 2));
  let x = graph.op('Add', [graph.op('Transpose', [second], { perm: [0, 2, 1] }), addPositions(graph, weights, second)]);
  let normed = addNorm(graph, 'encoder/first_norm', x, norm(weights, 'encoder/layer_0/self_attention/layer_norm'));
  for (let layer = 0; layer < weights.encoderLayers; layer++) {
    const name = `encoder/layer_${layer}`;
    const fused = addLinear(graph, precision, `${name}/qkv`, normed, () => weights.linear(`${name}/self_attention/linear_0`));
    const qkv = addSplit(graph, fused, 3, width);
    const attended = graph.op('MultiHeadAttention', qkv, { num_heads: heads }, 'com.microsoft');
    const out = addLinear(graph, precision, `${name}/out`, attended, () => weights.linear(`${name}/self_attention/linear_1`));
    const middle = addSkipNorm(graph, `${name}/middle`, x, out, norm(weights, `${name}/ffn/layer_norm`));
    const wide = addGelu(
      graph,
      addLinear(graph, precision, `${name}/wide`, middle.normed, () => weights.linear(`${name}/ffn/linear_0`)),
    );
    const narrow = addLinearAfterGelu(graph, precision, `${name}/narrow`, wide, () => weights.linear(`${name}/ffn/linear_1`));
    const next = layer + 1 < weights.encoderLayers ? `encoder/layer_${layer + 1}/self_attention/layer_norm` : 'encoder/layer_norm';
    ({ sum: x, normed } = addSkipNorm(graph, `${name}/end`, middle.sum, narrow, norm(weights, next)));
  }
  addCrossOutputs(graph, weights, precision, normed);
  return graph;
}

/** The places of as many frames as `convolved`, `[batch, width, frames]`, has: a shorter window is the start of a longer one. */
function addPositions(graph: GraphBuilder, weights: WhisperWeights, convolved: string): string {
  const table = weights.floats('encoder/position_encodings/encodings');
  const all = graph.weight('positions', 'float32', [WHISPER_AUDIO_FRAMES, weights.width], table);
  const frames = graph.op('Shape', [convolved], { start: 2, end: 3 });
  const first = graph.constant('int64', [1], [0]);
  return graph.op('Slice', [all, first, frames, first]);
}

/** What every decoder layer attends to is computed here once, in the layout that the decoder reads. */
function addCrossOutputs(graph: GraphBuilder, weights: WhisperWeights, precision: Precision, encoded: string): void {
  const { width, heads } = weights;
  const size = width / heads;
  for (let layer = 0; layer < weights.decoderLayers; layer++) {
    const name = `decoder/layer_${layer}/attention/linear_1`;
    const fused = addLinear(graph, precision, `${name}/kv`, encoded, () => weights.linear(name));
    const parts = addSplit(graph, fused, 2, width);
    for (const [index, part] of (['key', 'value'] as const).entries()) {
      const output = `cross_${part}_${layer}`;
      if (precision === 'int8') addQuantizedHeads(graph, parts[index] ?? '', output, { heads, size });
      else {
        graph.node('Identity', [addSplitHeads(graph, parts[index] ?? '', heads, size)], {}, { outputs: [output] });
        graph.output(output, 'float32', ['batch', heads, 'frames', size]);
      }
    }
  }
}

function addConv(graph: GraphBuilder, weights: WhisperWeights, name: string, x: string, stride: number): string {
  const dims = weights.dims(`${name}/weight`);
  const kernel = graph.weight(`${name}.weight`, 'float32', dims, weights.floats(`${name}/weight`));
  const bias = graph.weight(`${name}.bias`, 'float32', dims.slice(0, 1), weights.floats(`${name}/bias`));
  return graph.op('Conv', [x, kernel, bias], { kernel_shape: [3], pads: [1, 1], strides: [stride] });
}

function norm(weights: WhisperWeights, name: string): NormWeights {
  return { gamma: weights.floats(`${name}/gamma`), beta: weights.floats(`${name}/beta`), epsilon: EPSILON };
}
