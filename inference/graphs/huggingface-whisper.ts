import { LecternError } from '../../contracts/errors.ts';
import { readFloats } from '../weights/read-floats.ts';
import type { Tensor, TensorFile } from '../weights/tensor-file.ts';
import { countLayers, whisperTensors, type WhisperTensors } from './whisper-tensors.ts';

/** By CTranslate2's name within a layer; what it keeps as one tensor lies in several there, to be put one below the other. */
const LAYER_PARTS: Readonly<Record<string, readonly string[]>> = {
  'self_attention/layer_norm': ['self_attn_layer_norm'],
  'self_attention/linear_0': ['self_attn.q_proj', 'self_attn.k_proj', 'self_attn.v_proj'],
  'self_attention/linear_1': ['self_attn.out_proj'],
  'attention/layer_norm': ['encoder_attn_layer_norm'],
  'attention/linear_0': ['encoder_attn.q_proj'],
  'attention/linear_1': ['encoder_attn.k_proj', 'encoder_attn.v_proj'],
  'attention/linear_2': ['encoder_attn.out_proj'],
  'ffn/layer_norm': ['final_layer_norm'],
  'ffn/linear_0': ['fc1'],
  'ffn/linear_1': ['fc2'],
};

const OTHER_PARTS: Readonly<Record<string, string>> = {
  'encoder/conv1': 'encoder.conv1',
  'encoder/conv2': 'encoder.conv2',
  'encoder/position_encodings': 'encoder.embed_positions',
  'encoder/layer_norm': 'encoder.layer_norm',
  'decoder/position_encodings': 'decoder.embed_positions',
  'decoder/embeddings': 'decoder.embed_tokens',
  'decoder/layer_norm': 'decoder.layer_norm',
};

const VALUES: Readonly<Record<string, string>> = { weight: 'weight', gamma: 'weight', encodings: 'weight', bias: 'bias', beta: 'bias' };

interface Part {
  name: string;
  dims: number[];
  /** Not in the file, and known to be all zero. */
  isZero: boolean;
}

/** A checkpoint of transformers' `WhisperForConditionalGeneration` (or `WhisperModel`) under CTranslate2's names. */
export function fromHuggingFace(file: TensorFile, heads: number): WhisperTensors {
  const names = new Set(file.names());
  const prefix = names.has('model.encoder.conv1.weight') ? 'model.' : '';
  const namesOf = (name: string): string[] => {
    if (name !== 'decoder/projection/weight') return toParts(name).map((part) => prefix + part);
    // Tied to the embeddings unless it is there.
    return names.has('proj_out.weight') ? ['proj_out.weight'] : [`${prefix}decoder.embed_tokens.weight`];
  };
  const partsOf = (name: string): Part[] => namesOf(name).map((part) => toPart(file, names, part));
  return {
    heads,
    names: () => allNames(file),
    dims: (name) => stackedDims(partsOf(name)),
    nameInFile: (name) => namesOf(name).join(' + '),
    tensor: (name) => readStacked(file, partsOf(name)),
    close: () => file.close(),
  };
}

function toPart(file: TensorFile, names: ReadonlySet<string>, name: string): Part {
  // Whisper's keys have no bias: a shift of all scores of a query changes nothing after the softmax.
  const isZero = name.endsWith('.k_proj.bias') && !names.has(name);
  if (!isZero) return { name, dims: file.dims(name), isZero };
  const [rows = 0] = file.dims(name.replace(/bias$/, 'weight'));
  return { name, dims: [rows], isZero };
}

function stackedDims(parts: readonly Part[]): number[] {
  const [, ...inner] = parts[0]?.dims ?? [];
  const odd = parts.find((part) => part.dims.slice(1).join() !== inner.join());
  if (odd !== undefined)
    throw new LecternError('invalid-input', `the weight ${odd.name} is [${odd.dims.join()}], its siblings are [*,${inner.join()}]`);
  return [parts.reduce((rows, part) => rows + (part.dims[0] ?? 0), 0), ...inner];
}

function readStacked(file: TensorFile, parts: readonly Part[]): Tensor {
  const [only] = parts;
  if (parts.length === 1 && only !== undefined) return file.tensor(only.name);
  const dims = stackedDims(parts);
  const data = new Float32Array(sizeOf(dims));
  let offset = 0;
  for (const part of parts) {
    if (!part.isZero) data.set(readFloats(file, part.name).data, offset);
    offset += sizeOf(part.dims);
  }
  return { dims, type: 'float32', data };
}

function sizeOf(dims: readonly number[]): number {
  return dims.reduce((product, dim) => product * dim, 1);
}

function toParts(name: string): string[] {
  const [, owner = '', value = ''] = /^(.+)\/(\w+)$/.exec(name) ?? [];
  const [, side, layer, place = ''] = /^(encoder|decoder)\/layer_(\d+)\/(.+)$/.exec(owner) ?? [];
  const modules = side === undefined ? [OTHER_PARTS[owner]] : LAYER_PARTS[place]?.map((part) => `${side}.layers.${layer}.${part}`);
  const known = modules?.filter((module) => module !== undefined) ?? [];
  if (known.length === 0 || VALUES[value] === undefined) throw new LecternError('internal', `weights: ${name} is no tensor of Whisper`);
  return known.map((module) => `${module}.${VALUES[value]}`);
}

/** The names of all that its layers need, whether they are there or not: what is missing is told when it is looked for. */
function allNames(file: TensorFile): string[] {
  const names = file.names();
  const encoderLayers = countLayers(names, /^(?:model\.)?encoder\.layers\.(\d+)\./);
  const decoderLayers = countLayers(names, /^(?:model\.)?decoder\.layers\.(\d+)\./);
  const sizes = { width: 0, encoderFfn: 0, decoderFfn: 0, melBins: 0, audioFrames: 0, maxTokens: 0, vocabulary: 0 };
  return whisperTensors({ ...sizes, encoderLayers, decoderLayers }).map(([name]) => name);
}
