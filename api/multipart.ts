import { LecternError } from '../contracts/errors.ts';

/** One part of a `multipart/form-data` body. Read `body` before asking for the next part; what is left of it is skipped. */
export interface MultipartPart {
  name: string;
  /** As the client sent it: for display only, never a path or a key. */
  fileName: string | undefined;
  body: AsyncIterable<Uint8Array>;
}

export interface MultipartLimits {
  maxParts: number;
  /** Bytes of all header lines of one part. */
  maxHeaderBytes: number;
}

const malformed = (message: string): LecternError =>
  new LecternError('invalid-input', `upload: ${message}`, { cure: 'Send a well-formed multipart/form-data body.' });

/** Boundary of a `Content-Type: multipart/form-data` header (RFC 2046: 1 to 70 characters). Errors: `invalid-input`. */
export function parseBoundary(contentType: string | undefined): string {
  const matched = /^multipart\/form-data\s*;(?:[^"]*;)?\s*boundary=(?:"([^"]{1,70})"|([^\s";,]{1,70}))\s*(?:;|$)/i.exec(contentType ?? '');
  const boundary = matched?.[1] ?? matched?.[2];
  if (boundary === undefined || !/^[0-9A-Za-z'()+_,\-./:=? ]*[0-9A-Za-z'()+_,\-./:=?]$/.test(boundary)) {
    throw malformed('the Content-Type must be multipart/form-data with a boundary');
  }
  return boundary;
}

/**
 * Parses a body of any size in memory of a few source chunks, however the bytes are cut. Nothing is decoded but header
 * lines: transfer encodings are not part of form data (RFC 7578). Errors: `invalid-input` for a body that is not
 * well-formed, exceeds a limit or ends early; errors of the source pass through.
 */
export async function* parseMultipart(
  source: AsyncIterable<Uint8Array>,
  boundary: string,
  limits: MultipartLimits,
): AsyncGenerator<MultipartPart, void, undefined> {
  const delimiter = Buffer.from(`\r\n--${boundary}`, 'latin1');
  const window = openWindow(source);
  try {
    // The first delimiter may lack its CRLF, and a preamble may precede it: with a CRLF put in front both are a body that is skipped.
    window.prepend(Buffer.from('\r\n'));
    await drain(readBody(window, delimiter, { atEnd: false }));
    for (let parts = 0; await entersPart(window); parts += 1) {
      if (parts === limits.maxParts) throw malformed(`more than ${limits.maxParts} parts`);
      const headers = parseHeaders(await readHeaderBlock(window, limits.maxHeaderBytes));
      const position = { atEnd: false };
      yield { ...headers, body: readBody(window, delimiter, position) };
      await drain(readBody(window, delimiter, position));
    }
  } finally {
    await window.close();
  }
}

/** The bytes read and not yet consumed. */
interface Window {
  bytes: Buffer;
  prepend(bytes: Buffer): void;
  consume(count: number): Buffer;
  /** Reads more; throws `invalid-input` at the end of the source. */
  pull(): Promise<void>;
  close(): Promise<void>;
}

function openWindow(source: AsyncIterable<Uint8Array>): Window {
  const iterator = source[Symbol.asyncIterator]();
  const window: Window = {
    bytes: Buffer.alloc(0),
    prepend(bytes) {
      window.bytes = Buffer.concat([bytes, window.bytes]);
    },
    consume(count) {
      const taken = window.bytes.subarray(0, count);
      window.bytes = window.bytes.subarray(count);
      return taken;
    },
    async pull() {
      const next = await iterator.next();
      if (next.done === true) throw malformed('it ends before its closing boundary');
      window.bytes = window.bytes.length === 0 ? Buffer.from(next.value) : Buffer.concat([window.bytes, next.value]);
    },
    async close() {
      await iterator.return?.();
    },
  };
  return window;
}

/** Yields up to the next delimiter and consumes that too; `position` tells a second reader where the first one stopped. */
async function* readBody(window: Window, delimiter: Buffer, position: { atEnd: boolean }): AsyncGenerator<Uint8Array, void, undefined> {
  while (!position.atEnd) {
    const at = window.bytes.indexOf(delimiter);
    if (at >= 0) {
      const last = window.consume(at);
      window.consume(delimiter.length);
      position.atEnd = true;
      if (last.length > 0) yield last;
      return;
    }
    // The delimiter may have begun in the last bytes: they stay until more is known.
    const safe = window.bytes.length - (delimiter.length - 1);
    if (safe > 0) yield window.consume(safe);
    await window.pull();
  }
}

/** After a delimiter: true where a part follows, false at the closing `--`. */
async function entersPart(window: Window): Promise<boolean> {
  const maxPadding = 64;
  for (;;) {
    const text = window.bytes.subarray(0, maxPadding + 2).toString('latin1');
    if (text.startsWith('--')) return false;
    const padded = /^[ \t]*\r\n/.exec(text);
    if (padded) {
      // The CRLF stays: a part without any header ends its header block with it.
      window.consume(padded[0].length - 2);
      return true;
    }
    if (text.length > maxPadding || !/^(-|[ \t]*\r?)$/.test(text)) throw malformed('a boundary is followed by other text');
    await window.pull();
  }
}

async function readHeaderBlock(window: Window, maxBytes: number): Promise<string> {
  for (;;) {
    const end = window.bytes.indexOf('\r\n\r\n');
    if (end > maxBytes || (end < 0 && window.bytes.length > maxBytes + 4)) throw malformed(`part headers over ${maxBytes} bytes`);
    if (end >= 0) {
      const block = window.consume(end).toString('utf8');
      window.consume(4);
      return block;
    }
    await window.pull();
  }
}

function parseHeaders(block: string): { name: string; fileName: string | undefined } {
  const disposition = block
    .split('\r\n')
    .map((line) => /^content-disposition:\s*form-data\s*(;.*)$/i.exec(line)?.[1])
    .find((found) => found !== undefined);
  if (disposition === undefined) throw malformed('a part has no Content-Disposition: form-data');
  const parameters = new Map<string, string>();
  for (const matched of disposition.matchAll(/;\s*([a-z*]+)=(?:"((?:[^"\\]|\\.)*)"|([^\s;"]*))/gi)) {
    const key = (matched[1] ?? '').toLowerCase();
    if (!parameters.has(key)) parameters.set(key, unescapeParameter(matched[2] ?? matched[3] ?? ''));
  }
  const name = parameters.get('name');
  if (name === undefined || name === '') throw malformed('a part has no name');
  return { name, fileName: parameters.get('filename') };
}

/** Browsers write `%22`, `%0D`, `%0A` for the three characters that would end the value; others a backslash. */
function unescapeParameter(text: string): string {
  return text.replaceAll(/\\(["\\])/g, '$1').replaceAll(/%(22|0D|0A)/gi, (code) => decodeURIComponent(code));
}

async function drain(body: AsyncIterable<Uint8Array>): Promise<void> {
  for await (const bytes of body) void bytes;
}
