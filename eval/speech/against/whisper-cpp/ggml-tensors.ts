import { readFloats } from '../../../../inference/weights/read-floats.ts';
import type { TensorFile } from '../../../../inference/weights/tensor-file.ts';

/** A tensor under whisper.cpp's name. */
export interface GgmlTensor {
  name: string;
  /** Outermost first. */
  dims: readonly number[];
  data: Float32Array;
  /** What may be narrowed: `float32` never, `matrix` to any type, `convolution` to float16 at most. */
  role: 'float32' | 'matrix' | 'convolution';
}

/** All tensors of a Whisper in CTranslate2's layout, one at a time: fused projections are taken apart. Source: whisper.cpp `whisper-arch.h`. */
export function* ggmlTensors(weights: TensorFile): Generator<GgmlTensor> {
  for (const side of ['encoder', 'decoder'] as const) {
    yield { ...stored(weights, `${side}.positional_embedding`, `${side}/position_encodings/encodings`), role: 'float32' };
    const last = side === 'encoder' ? 'encoder.ln_post' : 'decoder.ln';
    yield* norm(weights, last, `${side}/layer_norm`);
    for (let layer = 0; weights.names().includes(`${side}/layer_${layer}/ffn/linear_0/weight`); layer++) {
      yield* block(weights, side, layer);
    }
  }
  for (const convolution of ['conv1', 'conv2']) {
    const bias = stored(weights, `encoder.${convolution}.bias`, `encoder/${convolution}/bias`);
    yield { ...stored(weights, `encoder.${convolution}.weight`, `encoder/${convolution}/weight`), role: 'convolution' };
    yield { ...bias, dims: [...bias.dims, 1], role: 'float32' };
  }
  yield { ...stored(weights, 'decoder.token_embedding.weight', 'decoder/embeddings/weight'), role: 'matrix' };
}

function* block(weights: TensorFile, side: 'encoder' | 'decoder', layer: number): Generator<GgmlTensor> {
  const [to, from] = [`${side}.blocks.${layer}`, `${side}/layer_${layer}`];
  yield* norm(weights, `${to}.attn_ln`, `${from}/self_attention/layer_norm`);
  yield* projections(weights, `${to}.attn`, ['query', 'key', 'value'], `${from}/self_attention/linear_0`);
  yield* projections(weights, `${to}.attn`, ['out'], `${from}/self_attention/linear_1`);
  if (side === 'decoder') {
    yield* norm(weights, `${to}.cross_attn_ln`, `${from}/attention/layer_norm`);
    yield* projections(weights, `${to}.cross_attn`, ['query'], `${from}/attention/linear_0`);
    yield* projections(weights, `${to}.cross_attn`, ['key', 'value'], `${from}/attention/linear_1`);
    yield* projections(weights, `${to}.cross_attn`, ['out'], `${from}/attention/linear_2`);
  }
  yield* norm(weights, `${to}.mlp_ln`, `${from}/ffn/layer_norm`);
  yield* projections(weights, `${to}.mlp`, ['0'], `${from}/ffn/linear_0`);
  yield* projections(weights, `${to}.mlp`, ['2'], `${from}/ffn/linear_1`);
}

function stored(weights: TensorFile, name: string, source: string): Omit<GgmlTensor, 'role'> {
  return { name, ...readFloats(weights, source) };
}

function* norm(weights: TensorFile, name: string, source: string): Generator<GgmlTensor> {
  yield { ...stored(weights, `${name}.weight`, `${source}/gamma`), role: 'float32' };
  yield { ...stored(weights, `${name}.bias`, `${source}/beta`), role: 'float32' };
}

/** The dense layers that `source` holds one below the other. Whisper's keys have no bias: where CTranslate2 fused them, it is zero. */
function* projections(weights: TensorFile, name: string, parts: readonly string[], source: string): Generator<GgmlTensor> {
  const [weight, bias] = [readFloats(weights, `${source}/weight`), readFloats(weights, `${source}/bias`)];
  const [outputs = 0, inputs = 0] = weight.dims;
  const rows = outputs / parts.length;
  for (const [index, part] of parts.entries()) {
    const [first, end] = [index * rows, (index + 1) * rows];
    yield {
      name: `${name}.${part}.weight`,
      dims: [rows, inputs],
      data: weight.data.subarray(first * inputs, end * inputs),
      role: 'matrix',
    };
    if (part !== 'key') yield { name: `${name}.${part}.bias`, dims: [rows], data: bias.data.subarray(first, end), role: 'float32' };
  }
}
