import { LecternError } from '../../contracts/errors.ts';
import type { TensorFile } from '../weights/tensor-file.ts';
import type { LinearWeights } from './linear.ts';

/** A Whisper checkpoint under the names CTranslate2 gives it (`facts`: fused QKV, `[out, in]` weights). */
export class WhisperWeights {
  readonly #file: TensorFile;
  readonly #names: ReadonlySet<string>;
  readonly width: number;
  readonly heads: number;
  readonly encoderLayers: number;
  readonly decoderLayers: number;
  readonly melBins: number;
  readonly vocabulary: number;
  readonly maxTokens: number;

  constructor(file: TensorFile) {
    this.#file = file;
    this.#names = new Set(file.names());
    const [vocabulary = 0, width = 0] = this.dims('decoder/embeddings/weight');
    this.vocabulary = vocabulary;
    this.width = width;
    this.melBins = this.dims('encoder/conv1/weight')[1] ?? 0;
    this.maxTokens = this.dims('decoder/position_encodings/encodings')[0] ?? 0;
    this.heads = Number(file.tensor('decoder/num_heads').data[0]);
    this.encoderLayers = this.#countLayers('encoder');
    this.decoderLayers = this.#countLayers('decoder');
    if (!Number.isInteger(width / this.heads))
      throw new LecternError('invalid-input', `weights: ${this.heads} heads do not divide ${width}`);
  }

  floats(name: string): Float32Array {
    const { data } = this.#file.tensor(name);
    if (data instanceof Float32Array) return data;
    throw new LecternError('invalid-input', `weights: ${name} is already quantised`, {
      cure: 'Use the float16 or float32 conversion of the model.',
    });
  }

  dims(name: string): number[] {
    return this.#file.tensor(name).dims;
  }

  /**
   * The dense layer `name`. With `scaled` its first `rows` outputs are multiplied by `scale`: how attention's
   * 1/sqrt(size), a power of two here, is folded into queries.
   */
  linear(name: string, scaled?: { rows: number; scale: number }): LinearWeights {
    const [outputs = 0, inputs = 0] = this.dims(`${name}/weight`);
    const weight = this.floats(`${name}/weight`);
    const bias = this.#names.has(`${name}/bias`) ? this.floats(`${name}/bias`) : undefined;
    if (scaled !== undefined) {
      for (let index = 0; index < scaled.rows * inputs; index++) weight[index] = (weight[index] ?? 0) * scaled.scale;
      bias?.set(bias.slice(0, scaled.rows).map((value) => value * scaled.scale));
    }
    return { weight, outputs, inputs, ...(bias === undefined ? {} : { bias }) };
  }

  #countLayers(side: string): number {
    let layers = 0;
    while (this.#names.has(`${side}/layer_${layers}/ffn/linear_0/weight`)) layers++;
    return layers;
  }
}
