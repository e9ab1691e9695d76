import { randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { LecternError } from '../contracts/errors.ts';

export interface UploadBody {
  contentType: string;
  /** Size of the file in bytes. */
  bytes: number;
  body: AsyncIterable<Uint8Array>;
}

/** A multipart body that reads the file as it is sent. `onProgress` hears of bytes of the file handed over. Errors: `invalid-input`. */
export async function openUploadBody(
  path: string,
  fields: Record<string, string | undefined>,
  onProgress: (doneBytes: number, totalBytes: number) => void,
): Promise<UploadBody> {
  const info = await stat(path).catch((error: unknown) => {
    throw new LecternError(
      'invalid-input',
      `${path}: ${(error as NodeJS.ErrnoException).code === 'ENOENT' ? 'there is no such file' : 'cannot be read'}`,
      {
        cause: error,
      },
    );
  });
  if (!info.isFile()) throw new LecternError('invalid-input', `${path}: not a file`);
  const boundary = `lectern-${randomUUID()}`;
  async function* body(): AsyncGenerator<Uint8Array> {
    for (const [name, value] of Object.entries(fields)) {
      if (value !== undefined) yield Buffer.from(`--${boundary}\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`);
    }
    const head = `Content-Disposition: form-data; name="file"; filename="${escapeFileName(basename(path))}"\r\nContent-Type: application/octet-stream`;
    yield Buffer.from(`--${boundary}\r\n${head}\r\n\r\n`);
    let doneBytes = 0;
    for await (const chunk of createReadStream(path, { highWaterMark: 1 << 18 }) as AsyncIterable<Buffer>) {
      yield chunk;
      doneBytes += chunk.length;
      onProgress(doneBytes, info.size);
    }
    yield Buffer.from(`\r\n--${boundary}--\r\n`);
  }
  return { contentType: `multipart/form-data; boundary=${boundary}`, bytes: info.size, body: body() };
}

/** As browsers do it (HTML standard, multipart/form-data encoding). */
function escapeFileName(name: string): string {
  return name.replaceAll('"', '%22').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}
