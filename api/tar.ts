import { LecternError } from '../contracts/errors.ts';

/** A file in an archive. `bytes` must be what `body` gives. */
export interface TarEntry {
  path: string;
  bytes: number;
  body: AsyncIterable<Uint8Array> | Iterable<Uint8Array>;
}

const BLOCK_BYTES = 512;
const MAX_PATH_BYTES = 100;
/** What eleven octal digits hold; larger files, of 8 GiB and more, have their size in binary (GNU and POSIX readers know it). */
const MAX_OCTAL_BYTES = 8 ** 11;

/** A tar archive (ustar) as a stream of any length; holds one chunk. Errors: `internal` for an entry that is not as long as it says. */
export async function* toTar(entries: AsyncIterable<TarEntry>, modifiedMs: number): AsyncGenerator<Uint8Array> {
  for await (const { path, bytes, body } of entries) {
    yield toHeader(path, bytes, modifiedMs);
    let written = 0;
    for await (const chunk of body) {
      written += chunk.length;
      yield chunk;
    }
    if (written !== bytes) throw new LecternError('internal', `${path} has ${written} bytes, not ${bytes}`);
    yield Buffer.alloc((BLOCK_BYTES - (bytes % BLOCK_BYTES)) % BLOCK_BYTES);
  }
  yield Buffer.alloc(2 * BLOCK_BYTES);
}

function toHeader(path: string, bytes: number, modifiedMs: number): Buffer {
  const header = Buffer.alloc(BLOCK_BYTES);
  if (Buffer.byteLength(path) > MAX_PATH_BYTES) throw new LecternError('internal', `${path} is too long for an archive`);
  header.write(path, 0);
  header.write('0000644\0', 100);
  header.write('0000000\0', 108);
  header.write('0000000\0', 116);
  writeSize(header, bytes);
  header.write(`${octal(Math.floor(modifiedMs / 1000), 11)}\0`, 136);
  header.write('0', 156);
  header.write('ustar\0', 257);
  header.write('00', 263);
  // The checksum counts its own place as spaces.
  header.fill(' ', 148, 156);
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${octal(sum, 6)}\0 `, 148);
  return header;
}

function writeSize(header: Buffer, bytes: number): void {
  if (bytes < MAX_OCTAL_BYTES) {
    header.write(`${octal(bytes, 11)}\0`, 124);
    return;
  }
  header.writeUInt8(0x80, 124);
  header.writeBigUInt64BE(BigInt(bytes), 128);
}

function octal(value: number, digits: number): string {
  return value.toString(8).padStart(digits, '0');
}
