import { open } from 'node:fs/promises';
import { Worker } from 'node:worker_threads';
import { LecternError } from '../../contracts/errors.ts';
import type { PdfReply, PdfRequest } from './pdf-text.ts';

export interface HandoutLimits {
  maxBytes: number;
  /** Pages of a PDF that are read; the rest is left out. */
  maxPages: number;
  /** For a PDF in all. */
  maxSeconds: number;
}

/** A script of a whole course is a few megabytes and a few hundred pages, read in seconds. */
export const HANDOUT_LIMITS: HandoutLimits = { maxBytes: 50 * 1024 * 1024, maxPages: 500, maxSeconds: 60 };

/** A thread that wants more than this is reading a bomb. */
const MAX_HEAP_MIB = 512;
const PDF_MARK = '%PDF-';
/** A PDF may have this much before its mark. */
const MARK_REACH = 1024;

/** The text of a handout, a PDF or a text file in UTF-8. Errors: `invalid-input`. */
export async function readHandout(path: string, limits: HandoutLimits = HANDOUT_LIMITS): Promise<string> {
  const bytes = await readBounded(path, limits.maxBytes);
  if (Buffer.from(bytes.subarray(0, MARK_REACH)).toString('latin1').includes(PDF_MARK)) return readPdfText(path, bytes, limits);
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    if (!text.includes('\0')) return text;
  } catch (cause) {
    throw unreadable(path, 'neither a PDF nor text in UTF-8', cause);
  }
  throw unreadable(path, 'neither a PDF nor text in UTF-8');
}

async function readBounded(path: string, maxBytes: number): Promise<Uint8Array> {
  const file = await open(path).catch((cause: unknown) => {
    throw unreadable(path, (cause as NodeJS.ErrnoException).code === 'ENOENT' ? 'there is no such file' : 'cannot be read', cause);
  });
  try {
    const info = await file.stat();
    if (!info.isFile()) throw unreadable(path, 'not a file');
    if (info.size > maxBytes) throw unreadable(path, `over ${maxBytes} bytes`);
    const bytes = new Uint8Array(info.size);
    let filled = 0;
    while (filled < bytes.length) {
      const { bytesRead } = await file.read(bytes, filled);
      if (bytesRead === 0) break;
      filled += bytesRead;
    }
    return bytes.subarray(0, filled);
  } finally {
    await file.close();
  }
}

/** In a thread of its own, which is ended when it takes too long or too much memory. */
async function readPdfText(path: string, bytes: Uint8Array, { maxPages, maxSeconds }: HandoutLimits): Promise<string> {
  const request: PdfRequest = { bytes, maxPages };
  const worker = new Worker(new URL('pdf-text.ts', import.meta.url), {
    workerData: request,
    resourceLimits: { maxOldGenerationSizeMb: MAX_HEAP_MIB },
    // What a PDF makes the library complain of is no business of this terminal.
    stdout: true,
    stderr: true,
  });
  let timer: NodeJS.Timeout | undefined;
  try {
    const reply = await new Promise<PdfReply>((resolve, reject) => {
      timer = setTimeout(() => reject(unreadable(path, `its text is not there after ${maxSeconds} s`)), maxSeconds * 1000);
      worker.once('message', resolve);
      worker.once('error', (error) => reject(unreadable(path, 'the PDF cannot be read', error)));
      worker.once('exit', () => reject(unreadable(path, 'the PDF cannot be read')));
    });
    if ('error' in reply) throw unreadable(path, `the PDF cannot be read: ${reply.error}`);
    return reply.text;
  } finally {
    clearTimeout(timer);
    await worker.terminate();
  }
}

function unreadable(path: string, reason: string, cause?: unknown): LecternError {
  return new LecternError('invalid-input', `${path}: ${reason}`, { cause, cure: 'Give a PDF with text or a text file in UTF-8.' });
}
