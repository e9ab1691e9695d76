import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { basename } from 'node:path';
import { LecternError } from '../../contracts/errors.ts';

/**
 * A file read by offset. It may be anybody's: every read is checked against the size, and what is wrong with it is
 * an `invalid-input` that names the file.
 */
export class ByteFile {
  readonly name: string;
  readonly size: number;
  readonly #descriptor: number;

  constructor(path: string) {
    this.name = basename(path);
    try {
      this.#descriptor = openSync(path, 'r');
    } catch (error) {
      throw new LecternError('model-missing', `weight file ${path} cannot be opened`, { cure: 'Run `lectern models pull`.', cause: error });
    }
    this.size = fstatSync(this.#descriptor).size;
  }

  /** `length` bytes from `offset`, in a buffer of their own. */
  read(offset: number, length: number): Uint8Array<ArrayBuffer> {
    if (!Number.isSafeInteger(offset) || !Number.isSafeInteger(length) || offset < 0 || length < 0 || offset + length > this.size) {
      throw this.refuse(`${length} bytes at ${offset} lie outside its ${this.size} bytes`);
    }
    const bytes = new Uint8Array(length);
    let done = 0;
    while (done < length) {
      const count = readSync(this.#descriptor, bytes, done, length - done, offset + done);
      if (count === 0) throw this.refuse('it became shorter while it was read');
      done += count;
    }
    return bytes;
  }

  refuse(what: string): LecternError {
    return new LecternError('invalid-input', `weight file ${this.name}: ${what}`, { cure: 'Run `lectern models verify`.' });
  }

  close(): void {
    closeSync(this.#descriptor);
  }
}

/** Elements of a shape, or `undefined` for sizes no file can hold. */
export function elementCount(dims: readonly number[]): number | undefined {
  let count = 1;
  for (const dim of dims) {
    count *= dim;
    if (!Number.isSafeInteger(dim) || dim < 0 || !Number.isSafeInteger(count)) return undefined;
  }
  return count;
}
