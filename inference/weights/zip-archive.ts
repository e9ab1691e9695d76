import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { crc32, inflateRawSync } from 'node:zlib';
import { LecternError } from '../../contracts/errors.ts';

export interface ZipEntry {
  /** 0 stored, 8 deflated. */
  method: number;
  crc: number;
  compressedBytes: number;
  bytes: number;
  headerOffset: number;
}

const END_SIGNATURE = 0x06054b50;
const CENTRAL_SIGNATURE = 0x02014b50;
const LOCAL_SIGNATURE = 0x04034b50;
const END_BYTES = 22;
const CENTRAL_BYTES = 46;
const LOCAL_BYTES = 30;
/** The end record is followed by a comment of at most 65,535 bytes. */
const END_SEARCH_BYTES = END_BYTES + 0xffff;
const STORED = 0;
const DEFLATED = 8;
const ENCRYPTED_FLAG = 1;
const ZIP64_MARK = 0xffffffff;

function refuse(path: string, what: string): LecternError {
  return new LecternError('invalid-input', `${path} is not a readable zip file: ${what}`, { cure: 'Fetch the file again.' });
}

/**
 * Reads single entries of a zip file (stored or deflated, below 4 GiB) by its central directory. Every offset and length
 * is checked against the file, every entry against its CRC-32: a weight file may come from anywhere.
 */
export class ZipArchive {
  readonly #path: string;
  readonly #file: number;
  readonly #fileBytes: number;
  readonly #entries: Map<string, ZipEntry>;

  constructor(path: string) {
    this.#path = path;
    this.#file = openSync(path, 'r');
    try {
      this.#fileBytes = fstatSync(this.#file).size;
      this.#entries = this.#readDirectory();
    } catch (error) {
      closeSync(this.#file);
      throw error;
    }
  }

  names(): string[] {
    return [...this.#entries.keys()];
  }

  /** Uncompressed size of an entry, as the directory states it; `undefined` when there is no such entry. */
  size(name: string): number | undefined {
    return this.#entries.get(name)?.bytes;
  }

  /** Where the packed bytes of an entry lie in the file, for readers that stream them. */
  locate(name: string): ZipEntry & { dataOffset: number } {
    const entry = this.#entries.get(name);
    if (entry === undefined) throw refuse(this.#path, `there is no entry ${name}`);
    const header = this.#readAt(entry.headerOffset, LOCAL_BYTES);
    if (header.readUInt32LE(0) !== LOCAL_SIGNATURE) throw refuse(this.#path, `the entry ${name} has no header`);
    const dataOffset = entry.headerOffset + LOCAL_BYTES + header.readUInt16LE(26) + header.readUInt16LE(28);
    return { ...entry, dataOffset };
  }

  /** The whole entry, uncompressed and checked. */
  read(name: string): Buffer {
    const entry = this.locate(name);
    const raw = this.#readAt(entry.dataOffset, entry.compressedBytes);
    const data = entry.method === STORED ? raw : this.#inflate(name, raw, entry.bytes);
    if (data.length !== entry.bytes) throw refuse(this.#path, `the entry ${name} has ${data.length} bytes instead of ${entry.bytes}`);
    if (crc32(data) !== entry.crc) throw refuse(this.#path, `the entry ${name} fails its checksum`);
    return data;
  }

  close(): void {
    closeSync(this.#file);
  }

  #inflate(name: string, raw: Buffer, bytes: number): Buffer {
    try {
      // The limit keeps a small entry from growing into all memory.
      return inflateRawSync(raw, { maxOutputLength: Math.max(bytes, 1) });
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      throw refuse(this.#path, `the entry ${name} cannot be inflated (${message})`);
    }
  }

  #readAt(offset: number, count: number): Buffer {
    if (offset + count > this.#fileBytes) throw refuse(this.#path, `it ends at byte ${this.#fileBytes}, before ${offset + count}`);
    const buffer = Buffer.alloc(count);
    let done = 0;
    while (done < count) {
      const got = readSync(this.#file, buffer, done, count - done, offset + done);
      if (got === 0) throw refuse(this.#path, 'it became shorter while being read');
      done += got;
    }
    return buffer;
  }

  #readDirectory(): Map<string, ZipEntry> {
    const tailBytes = Math.min(this.#fileBytes, END_SEARCH_BYTES);
    const tail = this.#readAt(this.#fileBytes - tailBytes, tailBytes);
    let end = tailBytes - END_BYTES;
    while (end >= 0 && tail.readUInt32LE(end) !== END_SIGNATURE) end--;
    if (end < 0) throw refuse(this.#path, 'it has no central directory');
    const count = tail.readUInt16LE(end + 10);
    const directoryBytes = tail.readUInt32LE(end + 12);
    const directoryOffset = tail.readUInt32LE(end + 16);
    if (directoryOffset === ZIP64_MARK || count === 0xffff) throw refuse(this.#path, 'it is in the zip64 form, which is not supported');
    const directory = this.#readAt(directoryOffset, directoryBytes);
    const entries = new Map<string, ZipEntry>();
    let at = 0;
    for (let index = 0; index < count; index++) at = this.#readEntry(directory, at, entries);
    return entries;
  }

  #readEntry(directory: Buffer, at: number, entries: Map<string, ZipEntry>): number {
    if (at + CENTRAL_BYTES > directory.length || directory.readUInt32LE(at) !== CENTRAL_SIGNATURE) {
      throw refuse(this.#path, 'its central directory is damaged');
    }
    const nameEnd = at + CENTRAL_BYTES + directory.readUInt16LE(at + 28);
    const next = nameEnd + directory.readUInt16LE(at + 30) + directory.readUInt16LE(at + 32);
    if (next > directory.length) throw refuse(this.#path, 'its central directory is damaged');
    const name = directory.toString('utf8', at + CENTRAL_BYTES, nameEnd);
    const entry: ZipEntry = {
      method: directory.readUInt16LE(at + 10),
      crc: directory.readUInt32LE(at + 16),
      compressedBytes: directory.readUInt32LE(at + 20),
      bytes: directory.readUInt32LE(at + 24),
      headerOffset: directory.readUInt32LE(at + 42),
    };
    const flags = directory.readUInt16LE(at + 8);
    if ((flags & ENCRYPTED_FLAG) !== 0) throw refuse(this.#path, `the entry ${name} is encrypted`);
    if (entry.method !== STORED && entry.method !== DEFLATED)
      throw refuse(this.#path, `the entry ${name} uses compression ${entry.method}`);
    if (entry.method === STORED && entry.bytes !== entry.compressedBytes) throw refuse(this.#path, `the entry ${name} states two sizes`);
    if (entry.headerOffset + LOCAL_BYTES + entry.compressedBytes > this.#fileBytes) {
      throw refuse(this.#path, `the entry ${name} lies beyond the end of the file`);
    }
    if (entries.has(name)) throw refuse(this.#path, `the entry ${name} is there twice`);
    entries.set(name, entry);
    return next;
  }
}
