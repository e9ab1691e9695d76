import type { TensorFile } from '../weights/tensor-file.ts';

/** A Whisper checkpoint under the names that CTranslate2 gives its tensors: fused QKV and KV, weights `[out, in]`. */
export interface WhisperTensors extends TensorFile {
  /** As people find the tensor in their file. */
  nameInFile(name: string): string;
  /** Attention heads of a layer. */
  readonly heads: number;
}

export interface WhisperSizes {
  width: number;
  /** Width of the feed-forward layers of each side. */
  encoderFfn: number;
  decoderFfn: number;
  encoderLayers: number;
  decoderLayers: number;
  melBins: number;
  audioFrames: number;
  maxTokens: number;
  vocabulary: number;
}

/** Every tensor that a Whisper of these sizes is made of, with its dimensions. */
export function whisperTensors(sizes: WhisperSizes): [name: string, dims: number[]][] {
  const { width, melBins, audioFrames, maxTokens, vocabulary } = sizes;
  const sides: [string, number, number][] = [
    ['encoder', sizes.encoderLayers, sizes.encoderFfn],
    ['decoder', sizes.decoderLayers, sizes.decoderFfn],
  ];
  return [
    ['encoder/conv1/weight', [width, melBins, 3]],
    ['encoder/conv1/bias', [width]],
    ['encoder/conv2/weight', [width, width, 3]],
    ['encoder/conv2/bias', [width]],
    ['encoder/position_encodings/encodings', [audioFrames, width]],
    ['decoder/position_encodings/encodings', [maxTokens, width]],
    ['decoder/embeddings/weight', [vocabulary, width]],
    ['decoder/projection/weight', [vocabulary, width]],
    ...sides.flatMap(([side, layers, ffn]) => [
      ...normTensors(`${side}/layer_norm`, width),
      ...Array.from({ length: layers }, (_, layer) => layerTensors(`${side}/layer_${layer}`, width, ffn, side === 'decoder')).flat(),
    ]),
  ];
}

function layerTensors(layer: string, width: number, ffn: number, hears: boolean): [string, number[]][] {
  const cross: [string, number[]][] = [
    ...normTensors(`${layer}/attention/layer_norm`, width),
    ...linearTensors(`${layer}/attention/linear_0`, width, width),
    ...linearTensors(`${layer}/attention/linear_1`, 2 * width, width),
    ...linearTensors(`${layer}/attention/linear_2`, width, width),
  ];
  return [
    ...normTensors(`${layer}/self_attention/layer_norm`, width),
    ...linearTensors(`${layer}/self_attention/linear_0`, 3 * width, width),
    ...linearTensors(`${layer}/self_attention/linear_1`, width, width),
    ...(hears ? cross : []),
    ...normTensors(`${layer}/ffn/layer_norm`, width),
    ...linearTensors(`${layer}/ffn/linear_0`, ffn, width),
    ...linearTensors(`${layer}/ffn/linear_1`, width, ffn),
  ];
}

function linearTensors(name: string, outputs: number, inputs: number): [string, number[]][] {
  return [
    [`${name}/weight`, [outputs, inputs]],
    [`${name}/bias`, [outputs]],
  ];
}

function normTensors(name: string, width: number): [string, number[]][] {
  return [
    [`${name}/gamma`, [width]],
    [`${name}/beta`, [width]],
  ];
}

/** How many layers a side has: one more than the highest number in the names, so that none that is missing goes unnoticed. */
export function countLayers(names: Iterable<string>, pattern: RegExp): number {
  let layers = 0;
  for (const name of names) {
    const number = pattern.exec(name)?.[1];
    if (number !== undefined) layers = Math.max(layers, Number(number) + 1);
  }
  return layers;
}
