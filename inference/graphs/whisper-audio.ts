import { LecternError } from '../../contracts/errors.ts';
import type { EncodedAudio } from './whisper-interface.ts';

/** Values of equal number a row, one row after the other. */
export type RowData = Float32Array | Int8Array;

/** What cross-attention reads of some windows: tensors by their names in the graphs, each `[windows, ...]`, for so many audio frames. */
export interface CrossBlock {
  windows: number;
  frames: number;
  tensors: ReadonlyMap<string, RowData>;
}

/** Row `row`, and the `count - 1` after it, of `rows`. */
export function rowsOf<Data extends RowData>(data: Data, rows: number, row: number, count = 1): Data {
  const size = data.length / rows;
  return data.subarray(row * size, (row + count) * size) as Data;
}

/**
 * The windows of a block in the order that decoding needs them. They change places where they lie: at 9 MB a window (base; 36 in
 * float32) a copy for every row that ends would be the largest thing in memory.
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
  arrange(windows: readonly number[]): Map<string, RowData> {
    const first = this.#places[windows[0]!]!;
    const lieSo = windows.every((window, index) => this.#places[window] === first + index);
    if (!lieSo) for (const [place, window] of windows.entries()) this.#moveTo(window, place);
    const start = lieSo ? first : 0;
    return mapValues(this.block.tensors, (data) => rowsOf(data, this.block.windows, start, windows.length));
  }

  /** Copies `windows`, which may name one several times. */
  copy(windows: readonly number[]): CrossStore {
    const tensors = mapValues(this.block.tensors, (data) => {
      const length = (windows.length * data.length) / this.block.windows;
      const result = data instanceof Int8Array ? new Int8Array(length) : new Float32Array(length);
      for (const [index, window] of windows.entries()) {
        result.set(rowsOf(data, this.block.windows, this.#places[window]!), (index * length) / windows.length);
      }
      return result;
    });
    return new CrossStore({ windows: windows.length, frames: this.block.frames, tensors });
  }

  #moveTo(window: number, place: number): void {
    const from = this.#places[window]!;
    if (from === place) return;
    for (const data of this.block.tensors.values()) {
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
  tensors(): Map<string, RowData> {
    return this.store.arrange(this.windows);
  }
}

export function checkRows(rows: readonly number[], count: number): void {
  const wrong = rows.find((row) => !Number.isInteger(row) || row < 0 || row >= count);
  if (rows.length === 0 || wrong !== undefined) throw new LecternError('internal', `rows ${rows.join()} of ${count}`);
}

function mapValues(tensors: ReadonlyMap<string, RowData>, change: (data: RowData) => RowData): Map<string, RowData> {
  return new Map([...tensors].map(([name, data]) => [name, change(data)]));
}
