import { open, type FileHandle } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { createInflateRaw, crc32 } from 'node:zlib';
import { LecternError } from '../../contracts/errors.ts';

export interface ZipEntry {
  name: string;
  /** 0 stored, 8 deflated; a reader refuses every other method. */
  method: number;
  crc32: number;
  compressedBytes: number;
  bytes: number;
  headerOffset: number;
}

/** Random access to the members of a zip file (wheels, torch checkpoints), zip64 included, memory flat. */
export interface ZipReader {
  readonly entries: ReadonlyMap<string, ZipEntry>;
  /** Inflated bytes; throws `invalid-input` at the end when size or CRC-32 differ from the directory's. */
  stream(name: string): AsyncGenerator<Uint8Array>;
  /** The whole member in memory. */
  read(name: string): Promise<Uint8Array>;
  close(): Promise<void>;
}

const END_OF_DIRECTORY = 0x06054b50;
const ZIP64_LOCATOR = 0x07064b50;
const ZIP64_END = 0x06064b50;
const DIRECTORY_ENTRY = 0x02014b50;
const LOCAL_HEADER = 0x04034b50;
const ZIP64_EXTRA = 0x0001;
const IN_ZIP64 = 0xffffffff;
/** End record plus the longest comment. */
const TAIL_BYTES = 22 + 0xffff;

/** Layout: APPNOTE.TXT 6.3 of PKWARE. Throws `invalid-input` for what is not a whole zip file. */
export async function openZip(path: string): Promise<ZipReader> {
  const file = await open(path, 'r');
  try {
    const directory = await readDirectory(file);
    const entries = parseDirectory(directory.body, directory.entries);
    return createReader(file, entries);
  } catch (error) {
    await file.close();
    if (error instanceof RangeError) throw broken('a record points outside the file', error);
    throw error;
  }
}

function createReader(file: FileHandle, entries: Map<string, ZipEntry>): ZipReader {
  async function* stream(name: string): AsyncGenerator<Uint8Array> {
    const entry = entries.get(name);
    if (entry === undefined) throw new LecternError('not-found', `zip file has no member ${name}`);
    if (entry.method !== 0 && entry.method !== 8) throw broken(`${name} is packed with method ${entry.method}`);
    const packed = readRange(file, await dataOffset(file, entry), entry.compressedBytes);
    let bytes = 0;
    let crc = 0;
    for await (const chunk of entry.method === 0 ? packed : inflate(packed)) {
      bytes += chunk.length;
      // A bomb is stopped here: no more than what the directory announces is ever handed on.
      if (bytes > entry.bytes) throw broken(`${name} is longer than its directory entry says`);
      crc = crc32(chunk, crc);
      yield chunk;
    }
    if (bytes !== entry.bytes || crc !== entry.crc32) throw broken(`${name} is damaged`);
  }
  return {
    entries,
    stream,
    read: async (name) => {
      const chunks: Uint8Array[] = [];
      for await (const chunk of stream(name)) chunks.push(chunk);
      return Buffer.concat(chunks);
    },
    close: () => file.close(),
  };
}

async function* inflate(packed: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const source = Readable.from(packed, { objectMode: false });
  const inflater = createInflateRaw();
  source.once('error', (error) => inflater.destroy(error));
  source.pipe(inflater);
  try {
    for await (const chunk of inflater) yield chunk as Uint8Array;
  } catch (error) {
    throw error instanceof LecternError ? error : broken('a member does not inflate', error);
  } finally {
    source.destroy();
  }
}

async function* readRange(file: FileHandle, start: number, length: number): AsyncGenerator<Uint8Array> {
  for (let done = 0; done < length;) {
    const chunk = await readExactly(file, start + done, Math.min(1 << 18, length - done));
    done += chunk.length;
    yield chunk;
  }
}

/** Where the member's bytes begin: the local header repeats the name and has an extra field of its own length. */
async function dataOffset(file: FileHandle, entry: ZipEntry): Promise<number> {
  const header = await readExactly(file, entry.headerOffset, 30);
  if (header.readUInt32LE(0) !== LOCAL_HEADER) throw broken(`${entry.name} has no local header`);
  return entry.headerOffset + 30 + header.readUInt16LE(26) + header.readUInt16LE(28);
}

async function readDirectory(file: FileHandle): Promise<{ body: Buffer; entries: number }> {
  const { size } = await file.stat();
  const tailStart = Math.max(0, size - TAIL_BYTES);
  const tail = await readExactly(file, tailStart, size - tailStart);
  const end = findEnd(tail);
  let entries = tail.readUInt16LE(end + 10);
  let bytes = tail.readUInt32LE(end + 12);
  let offset = tail.readUInt32LE(end + 16);
  if (end >= 20 && tail.readUInt32LE(end - 20) === ZIP64_LOCATOR) {
    const end64 = await readExactly(file, Number(tail.readBigUInt64LE(end - 20 + 8)), 56);
    if (end64.readUInt32LE(0) !== ZIP64_END) throw broken('its zip64 end record is missing');
    entries = Number(end64.readBigUInt64LE(32));
    bytes = Number(end64.readBigUInt64LE(40));
    offset = Number(end64.readBigUInt64LE(48));
  }
  if (offset + bytes > size) throw broken('its directory lies outside the file');
  return { body: await readExactly(file, offset, bytes), entries };
}

function findEnd(tail: Buffer): number {
  for (let at = tail.length - 22; at >= 0; at -= 1) {
    if (tail.readUInt32LE(at) === END_OF_DIRECTORY && at + 22 + tail.readUInt16LE(at + 20) === tail.length) return at;
  }
  throw broken('it has no end record');
}

function parseDirectory(body: Buffer, count: number): Map<string, ZipEntry> {
  const entries = new Map<string, ZipEntry>();
  let at = 0;
  for (let index = 0; index < count; index += 1) {
    if (body.readUInt32LE(at) !== DIRECTORY_ENTRY) throw broken('its directory is damaged');
    const nameBytes = body.readUInt16LE(at + 28);
    const extraBytes = body.readUInt16LE(at + 30);
    const extraAt = at + 46 + nameBytes;
    const name = body.toString('utf8', at + 46, extraAt);
    const entry = {
      name,
      method: body.readUInt16LE(at + 10),
      crc32: body.readUInt32LE(at + 16),
      compressedBytes: body.readUInt32LE(at + 20),
      bytes: body.readUInt32LE(at + 24),
      headerOffset: body.readUInt32LE(at + 42),
    };
    entries.set(name, withZip64Fields(entry, body.subarray(extraAt, extraAt + extraBytes)));
    at = extraAt + extraBytes + body.readUInt16LE(at + 32);
  }
  return entries;
}

/** Only the fields that overflowed are in the zip64 extra field, in this fixed order. */
function withZip64Fields(entry: ZipEntry, extra: Buffer): ZipEntry {
  for (let at = 0; at + 4 <= extra.length; at += 4 + extra.readUInt16LE(at + 2)) {
    if (extra.readUInt16LE(at) !== ZIP64_EXTRA) continue;
    let next = at + 4;
    const field = (value: number): number => {
      if (value !== IN_ZIP64) return value;
      next += 8;
      return Number(extra.readBigUInt64LE(next - 8));
    };
    const bytes = field(entry.bytes);
    const compressedBytes = field(entry.compressedBytes);
    return { ...entry, bytes, compressedBytes, headerOffset: field(entry.headerOffset) };
  }
  return entry;
}

async function readExactly(file: FileHandle, position: number, length: number): Promise<Buffer> {
  const buffer = Buffer.allocUnsafe(length);
  for (let filled = 0; filled < length;) {
    const { bytesRead } = await file.read(buffer, filled, length - filled, position + filled);
    if (bytesRead === 0) throw broken('it ends too early');
    filled += bytesRead;
  }
  return buffer;
}

function broken(reason: string, cause?: unknown): LecternError {
  return new LecternError('invalid-input', `not a readable zip file: ${reason}`, { cause });
}
