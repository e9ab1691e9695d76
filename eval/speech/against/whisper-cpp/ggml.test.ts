import { expect, test } from 'vitest';
import type { Tensor, TensorFile } from '../../../../inference/weights/tensor-file.ts';
import { ggmlTensors } from './ggml-tensors.ts';
import { toQ8Blocks } from './q8-blocks.ts';

test('32 floats become a scale and 32 bytes, halves rounded away from zero', () => {
  const values = new Float32Array(64);
  values.set([127, -63.5, 0.5, -0.5, 1.49], 0);
  const blocks = toQ8Blocks(values);
  expect(blocks).toHaveLength(2 * 34);
  // 127 / 127 is 1, 0x3c00 as a half, little-endian.
  expect(Array.from(blocks.slice(0, 2))).toEqual([0, 0x3c]);
  expect([...new Int8Array(blocks.buffer, 2, 6)]).toEqual([127, -64, 1, -1, 1, 0]);
  expect(blocks.slice(34).every((byte) => byte === 0)).toBe(true);
});

/** A Whisper of one layer a side and width 2, whose every float is its place in its tensor. */
function tinyWeights(): TensorFile {
  const shapes: Record<string, number[]> = { 'decoder/embeddings/weight': [3, 2] };
  for (const side of ['encoder', 'decoder']) {
    shapes[`${side}/position_encodings/encodings`] = [4, 2];
    const norms = [`${side}/layer_norm`, ...['self_attention', 'attention', 'ffn'].map((part) => `${side}/layer_0/${part}/layer_norm`)];
    for (const norm of norms) Object.assign(shapes, { [`${norm}/gamma`]: [2], [`${norm}/beta`]: [2] });
    const outputs = {
      'self_attention/linear_0': 6,
      'self_attention/linear_1': 2,
      'attention/linear_0': 2,
      'attention/linear_1': 4,
      'attention/linear_2': 2,
      'ffn/linear_0': 8,
      'ffn/linear_1': 2,
    };
    for (const [name, rows] of Object.entries(outputs)) {
      Object.assign(shapes, { [`${side}/layer_0/${name}/weight`]: [rows, 2], [`${side}/layer_0/${name}/bias`]: [rows] });
    }
  }
  for (const conv of ['conv1', 'conv2']) Object.assign(shapes, { [`encoder/${conv}/weight`]: [2, 2, 3], [`encoder/${conv}/bias`]: [2] });
  const tensor = (name: string): Tensor => {
    const dims = shapes[name] ?? [];
    return { dims, type: 'float32', data: Float32Array.from({ length: dims.reduce((size, dim) => size * dim, 1) }, (_, index) => index) };
  };
  return { names: () => Object.keys(shapes), tensor, close: () => undefined } as unknown as TensorFile;
}

test('fused projections are taken apart; keys have no bias; every tensor whisper.cpp asks for is there once', () => {
  const tensors = new Map([...ggmlTensors(tinyWeights())].map((tensor) => [tensor.name, tensor]));
  expect(tensors.get('encoder.blocks.0.attn.key.weight')).toMatchObject({
    dims: [2, 2],
    data: Float32Array.of(4, 5, 6, 7),
    role: 'matrix',
  });
  expect(tensors.get('decoder.blocks.0.cross_attn.value.bias')?.data).toEqual(Float32Array.of(2, 3));
  expect(tensors.has('encoder.blocks.0.attn.key.bias')).toBe(false);
  expect(tensors.get('encoder.conv1.bias')?.dims).toEqual([2, 1]);
  expect(tensors.get('encoder.positional_embedding')?.role).toBe('float32');
  // As whisper.cpp counts: 15 an encoder layer, 24 a decoder layer, 11 outside them.
  expect(tensors.size).toBe(15 + 24 + 11);
});
