import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { LecternError } from '../../contracts/errors.ts';
import { openSharedSession, releaseSession, SessionRunner, type SharedSession } from '../onnx/shared-session.ts';
import { CrossStore, CrossTensors, rowsOf, type RowData } from './whisper-audio.ts';
import { crossDims, isScale, runDecoder, tokenNames, type NewTokens } from './whisper-decoder-run.ts';
import {
  WHISPER_MEL_FRAMES,
  type DecoderState,
  type EncodedAudio,
  type Numbers,
  type WhisperModel,
  type WhisperShape,
} from './whisper-interface.ts';
import { TokenCache } from './whisper-state.ts';

/** The graphs that `buildWhisperGraphs` wrote, loaded once for all threads of the process. */
export interface WhisperSessions {
  shape: WhisperShape;
  encoder: SharedSession;
  decoder: SharedSession;
}

/** `threads` are the encoder's, shared by who runs it; a decoder's step is too small to gain by more than the one it is called on. */
export async function openWhisperSessions(graphDir: string, { threads }: { threads: number }): Promise<WhisperSessions> {
  const shape = JSON.parse(await readFile(join(graphDir, 'shape.json'), 'utf8')) as WhisperShape;
  const encoder = await openSharedSession(join(graphDir, 'encoder.onnx'), { threads });
  try {
    return { shape, encoder, decoder: await openSharedSession(join(graphDir, 'decoder.onnx'), { threads: 1 }) };
  } catch (error) {
    releaseSession(encoder);
    throw error;
  }
}

/** Call it when no model runs them any more. */
export function releaseWhisperSessions({ encoder, decoder }: WhisperSessions): void {
  releaseSession(encoder);
  releaseSession(decoder);
}

/** A model over `sessions` for one thread, which its calls block: call it from an engine module. */
export function createWhisperModel({ shape, encoder, decoder }: WhisperSessions): WhisperModel {
  return new OnnxWhisperModel(shape, new SessionRunner(encoder), new SessionRunner(decoder));
}

class OnnxWhisperModel implements WhisperModel {
  readonly shape: WhisperShape;
  readonly #encoder: SessionRunner;
  readonly #decoder: SessionRunner;
  /** What `encode` writes to, by name. */
  #cross = new Map<string, RowData>();
  #logits = new Float32Array(0);

  constructor(shape: WhisperShape, encoder: SessionRunner, decoder: SessionRunner) {
    this.shape = shape;
    this.#encoder = encoder;
    this.#decoder = decoder;
  }

  /** Row by row: rows gain no speed here, would share one scale in int8, and attention over 1500 frames is the peak of memory. */
  async encode(mel: Float32Array, rows: number): Promise<EncodedAudio> {
    const { melBins } = this.shape;
    const melFrames = mel.length / rows / melBins;
    if (!Number.isInteger(melFrames / 2) || melFrames === 0 || melFrames > WHISPER_MEL_FRAMES) {
      throw new LecternError('internal', `whisper: windows of ${melFrames} mel frames`);
    }
    const frames = melFrames / 2;
    const tensors = this.#takeCross(rows, frames);
    for (let row = 0; row < rows; row++) {
      const outputs = [...tensors].map(([name, data]) => {
        return [name, { data: rowsOf(data, rows, row), dims: crossDims(this.shape, name, 1, frames) }] as const;
      });
      this.#encoder.run({ mel: { data: rowsOf(mel, rows, row), dims: [1, melBins, melFrames] } }, Object.fromEntries(outputs));
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
    const { layers, heads, headSize } = this.shape;
    const state = new TokenCache(crossOf(audio), prompts.length, 2 * layers, heads * headSize);
    return { state, logits: this.#decode(state, { tokens: prompts, logitRows }) };
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

  #decode(state: TokenCache, run: NewTokens): Numbers {
    const added = run.tokens[0]?.length ?? 0;
    this.#check(state, run.tokens, added);
    const { vocabulary, alignmentHeads } = this.shape;
    const logits = this.#takeLogits(state.rows * run.logitRows.length * vocabulary);
    const dims = [state.rows, alignmentHeads.length, added, state.audio.frames];
    const qk = new Float32Array(dims.reduce((product, dim) => product * dim));
    runDecoder(this.#decoder, this.shape, state, run, { logits, qk });
    state.attention = { data: qk, dims };
    return { data: logits, dims: [state.rows, run.logitRows.length, vocabulary] };
  }

  #check(state: TokenCache, tokens: readonly (readonly number[])[], added: number): void {
    if (tokens.length !== state.rows || added === 0 || tokens.some((row) => row.length !== added)) {
      throw new LecternError('internal', `whisper: ${tokens.length} rows of tokens for ${state.rows}, or of unequal length`);
    }
    if (state.tokens + added > this.shape.maxTokens) {
      throw new LecternError('internal', `whisper: more than ${this.shape.maxTokens} tokens in a row`);
    }
  }

  /** The memory of the encoding before, where it is large enough: what a collector would free some batches later is most of it. */
  #takeCross(rows: number, frames: number): Map<string, RowData> {
    const names = tokenNames(this.shape).map((name) => `cross_${name}`);
    const all = this.shape.quantized ? [...names, ...names.map((name) => `${name}_scale`)] : names;
    return new Map(
      all.map((name) => {
        const size = crossDims(this.shape, name, rows, frames).reduce((product, dim) => product * dim);
        const known = this.#cross.get(name);
        const room = known !== undefined && known.length >= size ? known : this.#newCross(name, size);
        this.#cross.set(name, room);
        return [name, room.subarray(0, size)];
      }),
    );
  }

  #newCross(name: string, size: number): RowData {
    return this.shape.quantized && !isScale(name) ? new Int8Array(size) : new Float32Array(size);
  }

  #takeLogits(size: number): Float32Array {
    if (this.#logits.length < size) this.#logits = new Float32Array(size);
    return this.#logits.subarray(0, size);
  }
}

function crossOf(audio: EncodedAudio): CrossTensors {
  if (audio instanceof CrossTensors) return audio;
  throw new LecternError('internal', 'whisper: this audio was not encoded by this model');
}

function cacheOf(state: DecoderState): TokenCache {
  if (state instanceof TokenCache) return state;
  throw new LecternError('internal', 'whisper: this state was not started by this model');
}
