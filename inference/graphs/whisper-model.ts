import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Tensor, type InferenceSession } from 'onnxruntime-node';
import { LecternError } from '../../contracts/errors.ts';
import { freeCopies } from '../onnx/free-copies.ts';
import { openSession, type SessionOptions } from '../onnx/open-session.ts';
import { CrossStore, CrossTensors } from './whisper-audio.ts';
import {
  WHISPER_MEL_FRAMES,
  type DecoderState,
  type EncodedAudio,
  type Numbers,
  type WhisperModel,
  type WhisperShape,
} from './whisper-interface.ts';
import { TokenCache } from './whisper-state.ts';

export interface WhisperSessionOptions extends SessionOptions {
  /** Threads of the decoder, whose steps are too small to gain by many. Default: `threads`. */
  decoderThreads?: number;
}

/** Opens the graphs that `buildWhisperGraphs` wrote to `graphDir`, in this thread: call it from an engine module. */
export async function openWhisperModel(graphDir: string, options: WhisperSessionOptions): Promise<WhisperModel> {
  const shape = JSON.parse(await readFile(join(graphDir, 'shape.json'), 'utf8')) as WhisperShape;
  const encoder = await openSession(join(graphDir, 'encoder.onnx'), options);
  const decoder = await openSession(join(graphDir, 'decoder.onnx'), { ...options, threads: options.decoderThreads ?? options.threads });
  return new OnnxWhisperModel(shape, encoder, decoder);
}

type Feeds = Record<string, Tensor>;

interface DecoderRun {
  tokens: readonly (readonly number[])[];
  logitRows: readonly number[];
}

class OnnxWhisperModel implements WhisperModel {
  readonly shape: WhisperShape;
  readonly #encoder: InferenceSession;
  readonly #decoder: InferenceSession;
  /** What `encode` writes to. */
  #buffers: Float32Array[] = [];

  constructor(shape: WhisperShape, encoder: InferenceSession, decoder: InferenceSession) {
    this.shape = shape;
    this.#encoder = encoder;
    this.#decoder = decoder;
  }

  /** Row by row: rows gain no speed here, would share one scale in int8, and attention over 1500 frames is the peak of memory. */
  async encode(mel: Float32Array, rows: number): Promise<EncodedAudio> {
    const { melBins, heads, headSize } = this.shape;
    const melFrames = mel.length / rows / melBins;
    if (!Number.isInteger(melFrames / 2) || melFrames === 0 || melFrames > WHISPER_MEL_FRAMES) {
      throw new LecternError('internal', `whisper: windows of ${melFrames} mel frames`);
    }
    const frames = melFrames / 2;
    const melSize = melBins * melFrames;
    const rowSize = heads * headSize * frames;
    const names = this.#names('cross');
    const tensors = this.#takeBuffers(rows * rowSize);
    for (let row = 0; row < rows; row++) {
      const feeds = { mel: new Tensor('float32', mel.subarray(row * melSize, (row + 1) * melSize), [1, melBins, melFrames]) };
      const places = tensors.map((data) => data.subarray(row * rowSize, (row + 1) * rowSize));
      const fetches = this.#named(names, places, 1, frames);
      freeCopies(await this.#encoder.run(feeds, fetches), fetches);
    }
    return new CrossTensors(new CrossStore({ windows: rows, frames, tensors }));
  }

  selectAudio(audio: EncodedAudio, rows: readonly number[]): EncodedAudio {
    return crossOf(audio).select(rows);
  }

  async start(
    audio: EncodedAudio,
    prompts: readonly (readonly number[])[],
    logitRows: readonly number[] = [(prompts[0]?.length ?? 0) - 1],
  ): Promise<{ state: DecoderState; logits: Numbers }> {
    const state = this.#newState(crossOf(audio), prompts.length);
    return { state, logits: await this.#decode(state, { tokens: prompts, logitRows }) };
  }

  async step(state: DecoderState, tokens: readonly number[]): Promise<Numbers> {
    return this.#decode(cacheOf(state), { tokens: tokens.map((token) => [token]), logitRows: [0] });
  }

  keepRows(state: DecoderState, rows: readonly number[]): void {
    cacheOf(state).keep(rows);
  }

  attention(state: DecoderState): Numbers {
    return cacheOf(state).attention;
  }

  /** Row by row, too: rows gain nothing, and the scores of one are large enough. */
  async align(audio: EncodedAudio, tokens: readonly (readonly number[])[]): Promise<Numbers> {
    const { rows, frames } = crossOf(audio);
    const length = tokens[0]?.length ?? 0;
    const size = this.shape.alignmentHeads.length * length * frames;
    const data = new Float32Array(rows * size);
    for (const [row, ids] of tokens.entries()) {
      const { state } = await this.start(crossOf(audio).select([row]), [ids]);
      data.set(cacheOf(state).attention.data, row * size);
    }
    return { data, dims: [rows, this.shape.alignmentHeads.length, length, frames] };
  }

  async close(): Promise<void> {
    await this.#encoder.release();
    await this.#decoder.release();
  }

  #newState(audio: CrossTensors, rows: number): TokenCache {
    const { layers, heads, headSize } = this.shape;
    return new TokenCache(audio, rows, 2 * layers, heads * headSize);
  }

  async #decode(state: TokenCache, run: DecoderRun): Promise<Numbers> {
    const added = run.tokens[0]?.length ?? 0;
    this.#check(state, run.tokens, added);
    const feeds: Feeds = {
      input_ids: toIds(run.tokens.flat(), [state.rows, added]),
      positions: toIds(
        Array.from({ length: added }, (_, index) => state.tokens + index),
        [added],
      ),
      logit_rows: toIds(run.logitRows, [run.logitRows.length]),
      ...this.#cacheTensors('past', state.past(), state.rows, state.tokens),
    };
    Object.assign(feeds, this.#named(this.#names('cross'), state.audio.tensors(), state.audio.rows, state.audio.frames));
    const fetches = this.#cacheTensors('present', state.next(added), state.rows, state.tokens + added);
    const result = await this.#decoder.run(feeds, { ...fetches, logits: null, qk: null });
    freeCopies(result, fetches);
    state.advance(added);
    state.attention = numbersOf(result, 'qk');
    return numbersOf(result, 'logits');
  }

  #check(state: TokenCache, tokens: readonly (readonly number[])[], added: number): void {
    if (tokens.length !== state.rows || added === 0 || tokens.some((row) => row.length !== added)) {
      throw new LecternError('internal', `whisper: ${tokens.length} rows of tokens for ${state.rows}, or of unequal length`);
    }
    if (state.tokens + added > this.shape.maxTokens) {
      throw new LecternError('internal', `whisper: more than ${this.shape.maxTokens} tokens in a row`);
    }
  }

  /** The buffers of the encoding before, where they are large enough: what a collector would free some batches later is most of the memory. */
  #takeBuffers(size: number): Float32Array[] {
    if ((this.#buffers[0]?.length ?? 0) < size) this.#buffers = this.#names('cross').map(() => new Float32Array(size));
    return this.#buffers.map((data) => data.subarray(0, size));
  }

  #names(prefix: string): string[] {
    return Array.from({ length: this.shape.layers }, (_, layer) => [`${prefix}_key_${layer}`, `${prefix}_value_${layer}`]).flat();
  }

  #cacheTensors(prefix: string, data: readonly Float32Array[], rows: number, length: number): Feeds {
    return this.#named(this.#names(prefix), data, rows, length);
  }

  #named(names: readonly string[], data: readonly Float32Array[], rows: number, length: number): Feeds {
    return Object.fromEntries(names.map((name, index) => [name, this.#tensor(index, data[index] ?? new Float32Array(0), rows, length)]));
  }

  /** Keys are the even tensors, `[rows, H, D, length]`; values the odd ones, `[rows, H, length, D]`. */
  #tensor(index: number, data: Float32Array, rows: number, length: number): Tensor {
    const { heads, headSize } = this.shape;
    return new Tensor('float32', data, index % 2 === 0 ? [rows, heads, headSize, length] : [rows, heads, length, headSize]);
  }
}

function toIds(values: readonly number[], dims: readonly number[]): Tensor {
  return new Tensor('int64', BigInt64Array.from(values, BigInt), dims);
}

function numbersOf(result: InferenceSession.OnnxValueMapType, name: string): Numbers {
  return { data: floatsOf(result, name), dims: result[name]?.dims ?? [] };
}

function floatsOf(result: InferenceSession.OnnxValueMapType, name: string): Float32Array {
  const data = result[name]?.data;
  if (data instanceof Float32Array) return data;
  throw new LecternError('internal', `whisper: the graph gave no ${name}`);
}

function crossOf(audio: EncodedAudio): CrossTensors {
  if (audio instanceof CrossTensors) return audio;
  throw new LecternError('internal', 'whisper: this audio was not encoded by this model');
}

function cacheOf(state: DecoderState): TokenCache {
  if (state instanceof TokenCache) return state;
  throw new LecternError('internal', 'whisper: this state was not started by this model');
}
