import { LecternError } from '../../contracts/errors.ts';
import type { EncodedAudio } from './whisper-interface.ts';

/** Keys and values of the encoder for some windows: `tensors` are 2 a decoder layer, each `[windows, ...]` for so many audio frames. */
export interface CrossBlock {
  windows: number;
  frames: number;
  tensors: readonly Float32Array[];
}

/**
 * The windows of a block in the order that decoding needs them. They change places where they lie: at 40 MB a window (base) a copy
 * for every row that ends would be the largest thing in memory.
 */
export class CrossStore {
  readonly block: CrossBlock;
  /** Where each window lies. */
  readonly #places: number[];

  constructor(block: CrossBlock) {
    this.block = block;
    this.#places = Array.from({ length: block.windows }, (_, window) => window);
  }

  /** Puts `windows`, none twice, side by side; gives each tensor's part that holds them. Earlier parts are no longer in order. */
  arrange(windows: readonly number[]): Float32Array[] {
    const first = this.#places[windows[0]!]!;
    const lieSo = windows.every((window, index) => this.#places[window] === first + index);
    if (!lieSo) for (const [place, window] of windows.entries()) this.#moveTo(window, place);
    const start = lieSo ? first : 0;
    return this.block.tensors.map((data) => {
      const size = data.length / this.block.windows;
      return data.subarray(start * size, (start + windows.length) * size);
    });
  }

  /** Copies `windows`, which may name one several times. */
  copy(windows: readonly number[]): CrossStore {
    const tensors = this.block.tensors.map((data) => {
      const size = data.length / this.block.windows;
      const result = new Float32Array(windows.length * size);
      for (const [index, window] of windows.entries()) {
        const place = this.#places[window]!;
        result.set(data.subarray(place * size, (place + 1) * size), index * size);
      }
      return result;
    });
    return new CrossStore({ windows: windows.length, frames: this.block.frames, tensors });
  }

  #moveTo(window: number, place: number): void {
    const from = this.#places[window]!;
    if (from === place) return;
    for (const data of this.block.tensors) {
      const size = data.length / this.block.windows;
      const displaced = data.slice(place * size, (place + 1) * size);
      data.copyWithin(place * size, from * size, (from + 1) * size);
      data.set(displaced, from * size);
    }
    const other = this.#places.indexOf(place);
    this.#places[other] = from;
    this.#places[window] = place;
  }
}

/** Some windows of a store. */
export class CrossTensors implements EncodedAudio {
  readonly windows: readonly number[];
  readonly store: CrossStore;

  constructor(store: CrossStore, windows: readonly number[] = Array.from({ length: store.block.windows }, (_, window) => window)) {
    this.store = store;
    this.windows = windows;
  }

  get rows(): number {
    return this.windows.length;
  }

  get frames(): number {
    return this.store.block.frames;
  }

  /** Only a window named twice costs a copy. */
  select(rows: readonly number[]): CrossTensors {
    checkRows(rows, this.rows);
    const windows = rows.map((row) => this.windows[row]!);
    if (new Set(windows).size === windows.length) return new CrossTensors(this.store, windows);
    return new CrossTensors(this.store.copy(windows));
  }

  /** Tensor by tensor, `[rows, ...]`; good until another selection of the same audio is read. */
  tensors(): Float32Array[] {
    return this.store.arrange(this.windows);
  }
}

export function checkRows(rows: readonly number[], count: number): void {
  const wrong = rows.find((row) => !Number.isInteger(row) || row < 0 || row >= count);
  if (rows.length === 0 || wrong !== undefined) throw new LecternError('internal', `rows ${rows.join()} of ${count}`);
}
