import { LecternError } from '../../contracts/errors.ts';
import { checkRows, type CrossTensors } from './whisper-audio.ts';
import type { DecoderState, Numbers } from './whisper-interface.ts';

/** `rows` blocks of equal size, one after the other. */
export interface RowBlocks {
  data: Float32Array;
  blockSize: number;
}

/** The blocks named, in that order: a view where they are a prefix as they lie, else a copy. */
export function selectBlocks({ data, blockSize }: RowBlocks, rows: readonly number[]): Float32Array {
  if (rows.every((row, index) => row === index)) return data.subarray(0, rows.length * blockSize);
  const result = new Float32Array(rows.length * blockSize);
  for (const [index, row] of rows.entries()) result.set(data.subarray(row * blockSize, (row + 1) * blockSize), index * blockSize);
  return result;
}

/** Keys and values of the tokens so far, each layer's in two buffers: a step reads one and writes the other. */
export class TokenCache implements DecoderState {
  rows: number;
  tokens = 0;
  audio: CrossTensors;
  /** Scores of the last call, see `WhisperModel.attention`. */
  attention: Numbers = { data: new Float32Array(0), dims: [0] };
  readonly #valuesPerToken: number;
  readonly #front: Float32Array[];
  readonly #back: Float32Array[];

  /** `tensors` is 2 a layer; `valuesPerToken` is heads x head size. */
  constructor(audio: CrossTensors, rows: number, tensors: number, valuesPerToken: number) {
    if (rows === 0 || rows % audio.rows !== 0) throw new LecternError('internal', `${rows} prompts for ${audio.rows} rows of audio`);
    this.audio = audio;
    this.rows = rows;
    this.#valuesPerToken = valuesPerToken;
    this.#front = Array.from({ length: tensors }, () => new Float32Array(0));
    this.#back = Array.from({ length: tensors }, () => new Float32Array(0));
  }

  /** What has been written, tensor by tensor. */
  past(): Float32Array[] {
    return this.#front.map((data) => data.subarray(0, this.#size(this.tokens)));
  }

  /** Where the next step writes, `added` tokens longer. */
  next(added: number): Float32Array[] {
    const size = this.#size(this.tokens + added);
    return this.#back.map((data, index) => {
      // Twice what is needed, so that a growing row asks for memory a few times only.
      if (data.length < size) this.#back[index] = new Float32Array(2 * size);
      return (this.#back[index] ?? data).subarray(0, size);
    });
  }

  /** Makes what the step wrote the past. */
  advance(added: number): void {
    this.tokens += added;
    for (const [index, data] of this.#front.entries()) {
      this.#front[index] = this.#back[index] ?? data;
      this.#back[index] = data;
    }
  }

  keep(rows: readonly number[]): void {
    checkRows(rows, this.rows);
    const perAudio = this.rows / this.audio.rows;
    const heard = rows.map((row) => Math.floor(row / perAudio));
    const blockSize = this.#size(this.tokens) / this.rows;
    for (const [index, data] of this.#front.entries()) {
      const kept = selectBlocks({ data, blockSize }, rows);
      // A view's length would hide the room behind it: take the buffer itself.
      this.#front[index] = kept.buffer === data.buffer ? data : kept;
    }
    this.rows = rows.length;
    this.#keepAudio(heard);
  }

  /** Rows of one recording go on sharing it while every recording has as many of them, side by side. */
  #keepAudio(heard: readonly number[]): void {
    const distinct = heard.filter((row, index) => row !== heard[index - 1]);
    const shared = heard.length / distinct.length;
    const even = new Set(distinct).size === distinct.length && heard.every((row, index) => row === distinct[Math.floor(index / shared)]);
    const wanted = even ? distinct : heard;
    const unchanged = wanted.length === this.audio.rows && wanted.every((row, index) => row === index);
    if (!unchanged) this.audio = this.audio.select(wanted);
  }

  #size(tokens: number): number {
    return this.rows * this.#valuesPerToken * tokens;
  }
}
