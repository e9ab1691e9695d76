import { type ByteFile, elementCount } from './byte-file.ts';
import { openIndexedTensors, type TensorEntry } from './indexed-tensors.ts';
import { ELEMENT_BYTES } from './stored-elements.ts';
import type { StoredType, TensorFile } from './tensor-file.ts';

const FORMAT_VERSION = 6;
/** Far above any model's; stops a hostile count before it fills memory. */
const MAX_VARIABLES = 100_000;
const MAX_RANK = 8;
/** Variables' headers are a few hundred bytes: read them through a window, never the data between them. */
const WINDOW_BYTES = 4096;

/** By the number that CTranslate2 writes. */
const TYPES: readonly StoredType[] = ['float32', 'int8', 'int16', 'int32', 'float16', 'bfloat16'];

/**
 * Opens a CTranslate2 `model.bin`, format 6, little-endian:
 * `u32 6, str specification, u32 revision, u32 count`, then each variable `str name, u8 rank, u32 dims[], u8 type,
 * u32 bytes, data`, then `u32 count` and pairs `str alias, str target`. A `str` is a u16 length that counts its
 * closing NUL. Source: OpenNMT/CTranslate2 `python/ctranslate2/specs/model_spec.py`. What is wrong is `invalid-input`.
 */
export function openCTranslate2(path: string): TensorFile {
  return openIndexedTensors(path, readEntries);
}

function readEntries(file: ByteFile): Map<string, TensorEntry> {
  const cursor = new Cursor(file);
  const version = cursor.u32();
  if (version !== FORMAT_VERSION) throw file.refuse(`CTranslate2 format ${version}, known is ${FORMAT_VERSION}`);
  cursor.text();
  cursor.u32();
  const count = cursor.count('variables');
  const entries = new Map<string, TensorEntry>();
  for (let index = 0; index < count; index++) {
    const name = cursor.text();
    if (entries.has(name)) throw file.refuse(`variable ${name} is there twice`);
    entries.set(name, readEntry(file, cursor, name));
  }
  const aliases = cursor.count('aliases');
  for (let index = 0; index < aliases; index++) {
    const alias = cursor.text();
    const name = cursor.text();
    const target = entries.get(name);
    if (target === undefined) throw file.refuse(`alias ${alias} names no variable`);
    entries.set(alias, target);
    // The converter ties the integers alone: their scale goes with them.
    const scale = entries.get(`${name}_scale`);
    if (scale !== undefined) entries.set(`${alias}_scale`, scale);
  }
  if (cursor.offset !== file.size) throw file.refuse(`${file.size - cursor.offset} bytes follow its end`);
  return entries;
}

function readEntry(file: ByteFile, cursor: Cursor, name: string): TensorEntry {
  const rank = cursor.u8();
  if (rank > MAX_RANK) throw file.refuse(`variable ${name} has ${rank} dimensions`);
  const dims = Array.from({ length: rank }, () => cursor.u32());
  const code = cursor.u8();
  const type = TYPES[code];
  if (type === undefined) throw file.refuse(`variable ${name} has the unknown type ${code}`);
  const bytes = cursor.u32();
  if (elementCount(dims) !== bytes / ELEMENT_BYTES[type]) throw file.refuse(`variable ${name} does not fill its shape`);
  const { offset } = cursor;
  cursor.skip(bytes);
  return { dims, type, offset, bytes };
}

class Cursor {
  offset = 0;
  readonly #file: ByteFile;
  #window: Uint8Array<ArrayBuffer> = new Uint8Array(0);
  #windowStart = 0;

  constructor(file: ByteFile) {
    this.#file = file;
  }

  u8(): number {
    return this.#take(1).getUint8(0);
  }

  u32(): number {
    return this.#take(4).getUint32(0, true);
  }

  count(what: string): number {
    const count = this.u32();
    if (count > MAX_VARIABLES) throw this.#file.refuse(`it claims ${count} ${what}`);
    return count;
  }

  text(): string {
    const length = this.#take(2).getUint16(0, true);
    const view = this.#take(length);
    if (length === 0 || view.getUint8(length - 1) !== 0) throw this.#file.refuse(`a name at ${this.offset} does not end`);
    try {
      return new TextDecoder('utf-8', { fatal: true }).decode(new Uint8Array(view.buffer, view.byteOffset, length - 1));
    } catch {
      throw this.#file.refuse(`a name at ${this.offset} is not UTF-8`);
    }
  }

  skip(bytes: number): void {
    if (this.offset + bytes > this.#file.size) throw this.#file.refuse('it ends within a variable');
    this.offset += bytes;
  }

  #take(length: number): DataView {
    const inside = this.offset >= this.#windowStart && this.offset + length <= this.#windowStart + this.#window.length;
    if (!inside) {
      const wanted = Math.max(length, Math.min(WINDOW_BYTES, this.#file.size - this.offset));
      this.#window = this.#file.read(this.offset, wanted);
      this.#windowStart = this.offset;
    }
    const view = new DataView(this.#window.buffer, this.offset - this.#windowStart, length);
    this.offset += length;
    return view;
  }
}
