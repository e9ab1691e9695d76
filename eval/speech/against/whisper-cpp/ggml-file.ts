import { open, readFile } from 'node:fs/promises';
import { LecternError } from '../../../../contracts/errors.ts';
import { toHalfBits } from '../../../../inference/graphs/half.ts';
import type { ModelFiles } from '../../../../inference/models/store.ts';
import { openCTranslate2 } from '../../../../inference/weights/ctranslate2.ts';
import type { TensorFile } from '../../../../inference/weights/tensor-file.ts';
import { toTokenBytes } from '../../../../inference/whisper/byte-level.ts';
import { createMelFilters } from '../../../../inference/whisper/mel-filters.ts';
import type { TokenizerJson } from '../../../../inference/whisper/tokenizer.ts';
import { ggmlTensors, type GgmlTensor } from './ggml-tensors.ts';
import { toQ8Blocks } from './q8-blocks.ts';

/** `ggml` as a little-endian number. */
const MAGIC = 0x67_67_6d_6c;
/** Power bins of the 400-point transform. */
const MEL_BINS = 201;
/** By precision: the number of the whole file's type (quantised ones with version 2 of quantisation, in thousands) and of its tensors'. */
const TYPES = { f16: { file: 1, tensor: 1 }, q8_0: { file: 2007, tensor: 8 } } as const;

export type GgmlPrecision = keyof typeof TYPES;

/**
 * Writes a Whisper, as CTranslate2 lays it out, into the file that whisper.cpp reads: `u32 magic; i32` sizes and type; mel filters
 * `[mels, 201]` of float32; plain tokens `u32 length, bytes`; then each tensor `i32 rank, i32 length of the name, i32 type, i32 dims[]`
 * (innermost first)`, name, data`. Source: whisper.cpp `whisper_model_load`.
 */
export async function writeGgmlFile(model: Pick<ModelFiles, 'path'>, precision: GgmlPrecision, path: string): Promise<void> {
  const tokenizer = JSON.parse(await readFile(model.path('tokenizer.json'), 'utf8')) as TokenizerJson;
  const weights = openCTranslate2(model.path('model.bin'));
  const file = await open(path, 'w');
  try {
    await file.write(numbers([MAGIC, ...sizesOf(weights), TYPES[precision].file]));
    await file.write(melFilters(weights));
    await file.write(vocabulary(tokenizer));
    for (const tensor of ggmlTensors(weights)) {
      const { type, bytes } = encode(tensor, precision);
      const name = new TextEncoder().encode(tensor.name);
      await file.write(numbers([tensor.dims.length, name.length, type, ...tensor.dims.toReversed()]));
      await file.write(name);
      await file.write(bytes);
    }
  } finally {
    weights.close();
    await file.close();
  }
}

/** Vocabulary, then frames, width, heads and layers of the encoder, the same of the decoder, and mel bands. */
function sizesOf(weights: TensorFile): number[] {
  const names = new Set(weights.names());
  const layers = (side: string): number => {
    let count = 0;
    while (names.has(`${side}/layer_${count}/ffn/linear_0/weight`)) count++;
    return count;
  };
  const side = (name: 'encoder' | 'decoder'): number[] => [
    ...weights.tensor(`${name}/position_encodings/encodings`).dims,
    Number(weights.tensor(`${name}/num_heads`).data[0]),
    layers(name),
  ];
  return [weights.tensor('decoder/embeddings/weight').dims[0] ?? 0, ...side('encoder'), ...side('decoder'), melBandsOf(weights)];
}

function melBandsOf(weights: TensorFile): number {
  return weights.tensor('encoder/conv1/weight').dims[1] ?? 0;
}

function melFilters(weights: TensorFile): Uint8Array {
  const bands = melBandsOf(weights);
  const table = new Float32Array(bands * MEL_BINS);
  for (const [band, { firstBin, weights: triangle }] of createMelFilters(bands).entries()) table.set(triangle, band * MEL_BINS + firstBin);
  return Buffer.concat([numbers([bands, MEL_BINS]), bytesOf(table)]);
}

/** The plain tokens by number; whisper.cpp names all that follow itself. */
function vocabulary({ model, added_tokens: added }: TokenizerJson): Uint8Array {
  const endOfText = added.find(({ content }) => content === '<|endoftext|>')?.id;
  if (endOfText === undefined) throw new LecternError('invalid-input', "the tokenizer has no <|endoftext|>: it is not Whisper's");
  const tokens = Array.from({ length: endOfText }, (): Uint8Array => new Uint8Array(0));
  for (const [entry, id] of Object.entries(model.vocab)) if (id < endOfText) tokens[id] = toTokenBytes(entry);
  return Buffer.concat([numbers([endOfText]), ...tokens.flatMap((bytes) => [numbers([bytes.length]), bytes])]);
}

function encode({ role, data }: GgmlTensor, precision: GgmlPrecision): { type: number; bytes: Uint8Array } {
  if (role === 'float32') return { type: 0, bytes: bytesOf(data) };
  if (role === 'matrix' && precision === 'q8_0') return { type: TYPES.q8_0.tensor, bytes: toQ8Blocks(data) };
  return { type: TYPES.f16.tensor, bytes: bytesOf(toHalfBits(data)) };
}

function numbers(values: readonly number[]): Uint8Array {
  return bytesOf(Int32Array.from(values));
}

function bytesOf({ buffer, byteOffset, byteLength }: ArrayBufferView): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}
