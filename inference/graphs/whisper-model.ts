import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Tensor, type InferenceSession } from 'onnxruntime-node';
import { LecternError } from '../../contracts/errors.ts';
import { openSession, type SessionOptions } from '../onnx/open-session.ts';
import {
  WHISPER_AUDIO_FRAMES,
  WHISPER_MEL_FRAMES,
  type AlignedTokens,
  type DecoderState,
  type EncodedAudio,
  type Numbers,
  type WhisperModel,
  type WhisperShape,
} from './whisper-interface.ts';
import { CrossTensors, TokenCache } from './whisper-state.ts';

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
  /** `[rows, logitRows.length]`; any token where nobody asks for a probability. */
  targets?: readonly (readonly number[])[];
  outputs: readonly string[];
}

class OnnxWhisperModel implements WhisperModel {
  readonly shape: WhisperShape;
  readonly #encoder: InferenceSession;
  readonly #decoder: InferenceSession;

  constructor(shape: WhisperShape, encoder: InferenceSession, decoder: InferenceSession) {
    this.shape = shape;
    this.#encoder = encoder;
    this.#decoder = decoder;
  }

  /** Row by row: rows gain no speed here, would share one scale in int8, and attention over 1500 frames is the peak of memory. */
  async encode(mel: Float32Array, rows: number): Promise<EncodedAudio> {
    const { melBins, heads, headSize } = this.shape;
    const melSize = melBins * WHISPER_MEL_FRAMES;
    const rowSize = heads * headSize * WHISPER_AUDIO_FRAMES;
    const names = this.#crossNames();
    const tensors = names.map(() => new Float32Array(rows * rowSize));
    for (let row = 0; row < rows; row++) {
      const feeds = { mel: new Tensor('float32', mel.subarray(row * melSize, (row + 1) * melSize), [1, melBins, WHISPER_MEL_FRAMES]) };
      const places = tensors.map((data) => data.subarray(row * rowSize, (row + 1) * rowSize));
      await this.#encoder.run(feeds, this.#named(names, places, 1, WHISPER_AUDIO_FRAMES));
    }
    return new CrossTensors(rows, tensors);
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
    const result = await this.#decode(state, { tokens: prompts, logitRows, outputs: ['logits'] });
    return { state, logits: numbersOf(result, 'logits') };
  }

  async step(state: DecoderState, tokens: readonly number[]): Promise<Numbers> {
    const result = await this.#decode(cacheOf(state), { tokens: tokens.map((token) => [token]), logitRows: [0], outputs: ['logits'] });
    return numbersOf(result, 'logits');
  }

  keepRows(state: DecoderState, rows: readonly number[]): void {
    cacheOf(state).keep(rows);
  }

  /** Row by row, too: the logits of all tokens of many rows would be the largest thing in memory, and rows gain nothing. */
  async align(audio: EncodedAudio, tokens: readonly (readonly number[])[], withProbabilities = true): Promise<AlignedTokens> {
    const length = tokens[0]?.length ?? 0;
    const scored = withProbabilities ? length - 1 : 0;
    const qkSize = this.shape.alignmentHeads.length * length * WHISPER_AUDIO_FRAMES;
    const logProbabilities = new Float32Array(tokens.length * scored);
    const qk = new Float32Array(tokens.length * qkSize);
    for (const [row, ids] of tokens.entries()) {
      const state = this.#newState(crossOf(audio).select([row]), 1);
      const logitRows = withProbabilities ? ids.slice(1).map((_, index) => index) : [0];
      const outputs = withProbabilities ? ['log_probabilities', 'qk'] : ['qk'];
      const result = await this.#decode(state, { tokens: [ids], logitRows, targets: [ids.slice(1, 1 + logitRows.length)], outputs });
      if (withProbabilities) logProbabilities.set(floatsOf(result, 'log_probabilities'), row * scored);
      qk.set(floatsOf(result, 'qk'), row * qkSize);
    }
    return {
      logProbabilities: { data: logProbabilities, dims: [tokens.length, scored] },
      qk: { data: qk, dims: [tokens.length, this.shape.alignmentHeads.length, length, WHISPER_AUDIO_FRAMES] },
    };
  }

  async close(): Promise<void> {
    await this.#encoder.release();
    await this.#decoder.release();
  }

  #newState(audio: CrossTensors, rows: number): TokenCache {
    const { layers, heads, headSize } = this.shape;
    return new TokenCache(audio, rows, 2 * layers, heads * headSize);
  }

  async #decode(state: TokenCache, run: DecoderRun): Promise<InferenceSession.OnnxValueMapType> {
    const added = run.tokens[0]?.length ?? 0;
    this.#check(state, run.tokens, added);
    const feeds: Feeds = {
      input_ids: toIds(run.tokens.flat(), [state.rows, added]),
      positions: toIds(
        Array.from({ length: added }, (_, index) => state.tokens + index),
        [added],
      ),
      logit_rows: toIds(run.logitRows, [run.logitRows.length]),
      targets: toIds(run.targets?.flat() ?? Array.from({ length: state.rows * run.logitRows.length }, () => 0), [
        state.rows,
        run.logitRows.length,
      ]),
      ...this.#cacheTensors('past', state.past(), state.rows, state.tokens),
    };
    for (const [index, name] of this.#crossNames().entries()) {
      feeds[name] = this.#tensor(index, state.audio.tensors[index] ?? new Float32Array(0), state.audio.rows, WHISPER_AUDIO_FRAMES);
    }
    const fetches: Record<string, Tensor | null> = this.#cacheTensors('present', state.next(added), state.rows, state.tokens + added);
    for (const name of run.outputs) fetches[name] = null;
    const result = await this.#decoder.run(feeds, fetches);
    state.advance(added);
    return result;
  }

  #check(state: TokenCache, tokens: readonly (readonly number[])[], added: number): void {
    if (tokens.length !== state.rows || added === 0 || tokens.some((row) => row.length !== added)) {
      throw new LecternError('internal', `whisper: ${tokens.length} rows of tokens for ${state.rows}, or of unequal length`);
    }
    if (state.tokens + added > this.shape.maxTokens) {
      throw new LecternError('internal', `whisper: more than ${this.shape.maxTokens} tokens in a row`);
    }
  }

  #crossNames(): string[] {
    return this.#names('cross');
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
