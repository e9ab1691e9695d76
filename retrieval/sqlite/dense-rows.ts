import { TopK } from '../top-k.ts';
import { quantize, type DenseCodes } from './dense-codes.ts';
import { KERNEL_LANES, loadDotKernel, PAGE_BYTES } from './dot-kernel.ts';

interface RowRange {
  from: number;
  count: number;
}

/**
 * All vectors of a tenant as int8 codes in one block of memory, `[rows, dimensions]` without holes, scored by a SIMD kernel. What it
 * finds is within half a per mille of the true order: whoever wants the exact one looks at more and scores those again.
 */
export class DenseRows {
  readonly #dimensions: number;
  /** `#dimensions` rounded up to the kernel's lanes; what is added is zero. */
  readonly #stride: number;
  readonly #memory = new WebAssembly.Memory({ initial: 1 });
  readonly #kernel = loadDotKernel(this.#memory);
  /** In the order of their rows. */
  readonly #lectures = new Map<string, RowRange>();
  #ids = new Float64Array(0);
  #scales = new Float32Array(0);
  #rows = 0;

  constructor(dimensions: number) {
    this.#dimensions = dimensions;
    this.#stride = Math.ceil(dimensions / KERNEL_LANES) * KERNEL_LANES;
  }

  get bytes(): number {
    return this.#memory.buffer.byteLength + this.#ids.byteLength + this.#scales.byteLength;
  }

  add(lecture: string, ids: Float64Array, { scales, codes }: DenseCodes): void {
    this.remove(lecture);
    const from = this.#rows;
    this.#reserve(from + ids.length);
    this.#ids.set(ids, from);
    this.#scales.set(scales, from);
    const held = this.#codes();
    for (let row = 0; row < ids.length; row++) {
      const at = (from + row) * this.#stride;
      held.set(codes.subarray(row * this.#dimensions, (row + 1) * this.#dimensions), at);
      held.fill(0, at + this.#dimensions, at + this.#stride);
    }
    this.#rows += ids.length;
    this.#lectures.set(lecture, { from, count: ids.length });
  }

  /** Closes the gap that the lecture leaves. */
  remove(lecture: string): void {
    const gone = this.#lectures.get(lecture);
    if (gone === undefined) return;
    this.#lectures.delete(lecture);
    const behind = gone.from + gone.count;
    this.#codes().copyWithin(gone.from * this.#stride, behind * this.#stride, this.#rows * this.#stride);
    this.#ids.copyWithin(gone.from, behind, this.#rows);
    this.#scales.copyWithin(gone.from, behind, this.#rows);
    this.#rows -= gone.count;
    for (const range of this.#lectures.values()) if (range.from > gone.from) range.from -= gone.count;
  }

  /** The rows most like `query`, best first, among those `allowed`; scores are approximate. */
  nearest(query: Float32Array, limit: number, allowed: ReadonlySet<number> | null): { id: number; score: number }[] {
    const top = new TopK(limit);
    if (this.#rows === 0) return [];
    const queryAt = this.#reserve(this.#rows);
    const queryCodes = new Int16Array(this.#memory.buffer, queryAt, this.#stride).fill(0);
    const scale = quantize(query, queryCodes.subarray(0, this.#dimensions));
    const scoresAt = queryAt + 2 * this.#stride;
    this.#kernel(0, queryAt, scoresAt, this.#rows, this.#stride);
    const products = new Int32Array(this.#memory.buffer, scoresAt, this.#rows);
    for (let row = 0; row < this.#rows; row++) {
      const score = products[row]! * this.#scales[row]! * scale;
      const id = this.#ids[row]!;
      if (top.wants(score) && (allowed === null || allowed.has(id))) top.offer(id, score);
    }
    return top.take();
  }

  /** Makes room for `rows`, and behind them for a query and its scores; where that room begins. */
  #reserve(rows: number): number {
    const queryAt = Math.ceil((rows * this.#stride) / 16) * 16;
    const wanted = queryAt + 2 * this.#stride + 4 * rows;
    const missing = Math.ceil((wanted - this.#memory.buffer.byteLength) / PAGE_BYTES);
    if (missing > 0) this.#memory.grow(missing);
    if (rows > this.#ids.length) {
      // A quarter of slack, so that lectures coming one by one do not copy everything each time.
      const length = Math.ceil(rows * 1.25);
      this.#ids = grown(this.#ids, new Float64Array(length));
      this.#scales = grown(this.#scales, new Float32Array(length));
    }
    return queryAt;
  }

  #codes(): Int8Array {
    return new Int8Array(this.#memory.buffer);
  }
}

function grown<T extends Float64Array | Float32Array>(from: T, to: T): T {
  to.set(from);
  return to;
}
