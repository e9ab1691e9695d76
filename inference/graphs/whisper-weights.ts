import { LecternError } from '../../contracts/errors.ts';
import type { LinearWeights } from './linear.ts';
import { WHISPER_AUDIO_FRAMES } from './whisper-interface.ts';
import { countLayers, whisperTensors, type WhisperTensors } from './whisper-tensors.ts';

/** A Whisper checkpoint whose tensors are all there and of the right sizes; their numbers are checked as they are read. */
export class WhisperWeights {
  readonly #tensors: WhisperTensors;
  readonly #names: ReadonlySet<string>;
  readonly width: number;
  readonly heads: number;
  readonly encoderLayers: number;
  readonly decoderLayers: number;
  readonly melBins: number;
  readonly vocabulary: number;
  readonly maxTokens: number;

  /** Throws `invalid-input` for a tensor that is missing or of another size than the others call for. */
  constructor(tensors: WhisperTensors) {
    this.#tensors = tensors;
    const names = tensors.names();
    this.#names = new Set(names);
    const [vocabulary = 0, width = 0] = this.dims('decoder/embeddings/weight');
    this.vocabulary = vocabulary;
    this.width = width;
    this.melBins = this.dims('encoder/conv1/weight')[1] ?? 0;
    this.maxTokens = this.dims('decoder/position_encodings/encodings')[0] ?? 0;
    this.heads = tensors.heads;
    this.encoderLayers = countLayers(names, /^encoder\/layer_(\d+)\//);
    this.decoderLayers = countLayers(names, /^decoder\/layer_(\d+)\//);
    if (!Number.isInteger(width / this.heads)) throw refused(`${this.heads} heads do not divide the width ${width}`);
    this.#checkSizes();
  }

  /** Throws `invalid-input` where the tensor holds what is no number: such weights would transcribe silence, or nonsense. */
  floats(name: string): Float32Array {
    const { data } = this.#tensors.tensor(name);
    const file = this.#tensors.nameInFile(name);
    if (!(data instanceof Float32Array)) throw refused(`${file} is not of a float type`);
    const wrong = data.findIndex((value) => !Number.isFinite(value));
    if (wrong >= 0) throw refused(`${file} holds ${data[wrong]} at ${wrong}`);
    return data;
  }

  dims(name: string): number[] {
    return this.#tensors.dims(name);
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

  #checkSizes(): void {
    const { width, encoderLayers, decoderLayers, melBins, maxTokens, vocabulary } = this;
    const [encoderFfn = 0] = this.dims('encoder/layer_0/ffn/linear_0/weight');
    const [decoderFfn = 0] = this.dims('decoder/layer_0/ffn/linear_0/weight');
    const sizes = { width, encoderFfn, decoderFfn, encoderLayers, decoderLayers, melBins, maxTokens, vocabulary };
    for (const [name, wanted] of whisperTensors({ ...sizes, audioFrames: WHISPER_AUDIO_FRAMES })) {
      const found = this.dims(name);
      if (found.join() === wanted.join()) continue;
      throw refused(`${this.#tensors.nameInFile(name)} is [${found.join()}], a Whisper of width ${width} needs [${wanted.join()}]`);
    }
  }
}

function refused(what: string): LecternError {
  return new LecternError('invalid-input', `weights: ${what}`);
}
