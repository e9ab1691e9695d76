import { LecternError } from '../../contracts/errors.ts';
import { checkRows, rowsOf, type CrossTensors } from './whisper-audio.ts';
import type { DecoderState, Numbers } from './whisper-interface.ts';

/** Keys and values of the tokens so far, each layer's in two buffers: a step reads one and writes the other. */
export class TokenCache implements DecoderState {
  rows: number;
  tokens = 0;
  /** A row for each row of the cache. */
  audio: CrossTensors;
  /** Scores of the last call, see `WhisperModel.attention`. */
  attention: Numbers = { data: new Float32Array(0), dims: [0] };
  /** The window that each row hears, by its number at the start. */
  #heard: readonly number[];
  readonly #valuesPerToken: number;
  readonly #front: Float32Array[];
  readonly #back: Float32Array[];

  /** As many rows for each row of `audio`, side by side. `tensors` is 2 a layer; `valuesPerToken` is heads x head size. */
  constructor(audio: CrossTensors, rows: number, tensors: number, valuesPerToken: number) {
    if (rows === 0 || rows % audio.rows !== 0) throw new LecternError('internal', `${rows} prompts for ${audio.rows} rows of audio`);
    this.#heard = Array.from({ length: rows }, (_, row) => Math.floor((row * audio.rows) / rows));
    this.audio = rows === audio.rows ? audio : audio.select(this.#heard);
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
    if (rows.length !== this.rows || rows.some((row, index) => row !== index)) this.#keepTokens(rows);
    this.#keepAudio(rows.map((row) => this.#heard[row]!));
    this.rows = rows.length;
  }

  /** The first rows stay where they lie; any other order is a copy. */
  #keepTokens(rows: readonly number[]): void {
    if (rows.every((row, index) => row === index)) return;
    const size = this.#size(this.tokens) / this.rows;
    for (const [index, data] of this.past().entries()) {
      const kept = new Float32Array(rows.length * size);
      for (const [place, row] of rows.entries()) kept.set(rowsOf(data, this.rows, row), place * size);
      this.#front[index] = kept;
    }
  }

  /** A row goes on with any row's audio of its window, so that beams, which change places at every step, move none. */
  #keepAudio(wanted: readonly number[]): void {
    const free = new Set(this.#heard.keys());
    const take = (window: number, place: number): number => {
      const row = this.#heard[place] === window && free.has(place) ? place : [...free].find((each) => this.#heard[each] === window);
      if (row !== undefined) free.delete(row);
      // More rows than there were: one of them is copied.
      return row ?? this.#heard.indexOf(window);
    };
    const rows = wanted.map(take);
    if (rows.length !== this.rows || rows.some((row, place) => row !== place)) this.audio = this.audio.select(rows);
    this.#heard = wanted;
  }

  #size(tokens: number): number {
    return this.rows * this.#valuesPerToken * tokens;
  }
}
