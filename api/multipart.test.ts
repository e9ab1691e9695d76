import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseBoundary, parseMultipart } from './multipart.ts';

const LIMITS = { maxParts: 16, maxHeaderBytes: 4096 };

interface Part {
  name: string;
  fileName?: string;
  body: Buffer;
}

function encode(parts: readonly Part[], boundary: string): Buffer {
  const pieces = parts.flatMap(({ name, fileName, body }) => [
    Buffer.from(
      `--${boundary}\r\nContent-Disposition: form-data; name="${name}"${fileName === undefined ? '' : `; filename="${fileName}"`}\r\n\r\n`,
    ),
    body,
    Buffer.from('\r\n'),
  ]);
  return Buffer.concat([...pieces, Buffer.from(`--${boundary}--\r\n`)]);
}

/** `bytes` cut into chunks of the given lengths, in turn. */
async function* cut(bytes: Buffer, lengths: readonly number[]): AsyncGenerator<Uint8Array> {
  for (let at = 0, turn = 0; at < bytes.length; turn += 1) {
    const length = lengths[turn % lengths.length] ?? 1;
    yield bytes.subarray(at, at + length);
    at += length;
  }
}

async function read(bytes: Buffer, boundary: string, lengths: readonly number[] = [7]): Promise<Part[]> {
  const parts: Part[] = [];
  for await (const part of parseMultipart(cut(bytes, lengths), boundary, LIMITS)) {
    const chunks: Uint8Array[] = [];
    for await (const chunk of part.body) chunks.push(chunk);
    parts.push({ name: part.name, ...(part.fileName === undefined ? {} : { fileName: part.fileName }), body: Buffer.concat(chunks) });
  }
  return parts;
}

/** Bytes that look as much like a boundary as bytes may. */
const hostileBody = fc
  .array(fc.constantFrom('\r\n', '\r', '\n', '--', '-', '\r\n--', '\r\n--b', '\r\n--bo', 'x', '\0', '--bounX'), { maxLength: 30 })
  .map((pieces) => Buffer.from(pieces.join('')))
  .filter((body) => !Buffer.concat([Buffer.from('\r\n'), body]).includes('\r\n--bound'));

describe('parseMultipart', () => {
  it('gives back what was encoded, however the bytes are cut', async () => {
    const part = fc.record({
      name: fc.stringMatching(/^[a-z]{1,8}$/),
      body: fc.oneof(
        hostileBody,
        fc.uint8Array().map((bytes) => Buffer.from(bytes)),
      ),
    });
    await fc.assert(
      fc.asyncProperty(
        fc.array(part, { maxLength: 5 }),
        fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1 }),
        async (parts, lengths) => {
          const safe = parts.filter((p) => !Buffer.concat([Buffer.from('\r\n'), p.body]).includes('\r\n--bound'));
          expect(await read(encode(safe, 'bound'), 'bound', lengths)).toEqual(safe);
        },
      ),
    );
  });

  it('never hangs and throws only invalid-input on arbitrary bytes', async () => {
    const soup = fc.array(
      fc.constantFrom('\r\n', '--', 'bound', '\r\n--bound', '\r\n\r\n', 'content-disposition: form-data; name=a', '"', ' ', 'x'),
      {
        maxLength: 30,
      },
    );
    await fc.assert(
      fc.asyncProperty(soup, fc.integer({ min: 1, max: 9 }), async (pieces, length) => {
        const outcome = await read(Buffer.from(pieces.join('')), 'bound', [length]).catch((error: unknown) => error);
        expect(outcome).toSatisfy((o) => Array.isArray(o) || (o as { kind?: string }).kind === 'invalid-input');
      }),
      { numRuns: 500 },
    );
  });

  it('does not hold a body in memory', async () => {
    const chunk = Buffer.alloc(1 << 16, 1);
    async function* large(): AsyncGenerator<Uint8Array> {
      yield Buffer.from('--b\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\n');
      for (let i = 0; i < 4096; i += 1) yield chunk;
      yield Buffer.from('\r\n--b--');
    }
    let bytes = 0;
    let largest = 0;
    for await (const part of parseMultipart(large(), 'b', LIMITS)) {
      for await (const piece of part.body) {
        bytes += piece.length;
        largest = Math.max(largest, piece.length);
      }
    }
    expect(bytes).toBe(4096 * 65_536);
    expect(largest).toBeLessThan(70_000);
  });

  it('skips what the reader leaves of a body, even when it stops at the last bytes', async () => {
    const names: string[] = [];
    const bytes = encode(
      [
        { name: 'a', body: Buffer.from('12345') },
        { name: 'b', body: Buffer.from('67890') },
      ],
      'bound',
    );
    for await (const part of parseMultipart(cut(bytes, [1000]), 'bound', LIMITS)) {
      names.push(part.name);
      for await (const chunk of part.body) {
        expect(chunk.length).toBe(5);
        break;
      }
    }
    expect(names).toEqual(['a', 'b']);
  });

  it('reads names and file names as browsers and curl escape them, after a preamble and with padding', async () => {
    const body = Buffer.from(
      'preamble\r\n--bound \t\r\ncontent-type: audio/mpeg\r\nCONTENT-DISPOSITION: form-data; name=file; filename="a\\"b%22ü/../c.mp3"\r\n\r\nx\r\n--bound--junk',
    );
    expect(await read(body, 'bound', [3])).toEqual([{ name: 'file', fileName: 'a"b"ü/../c.mp3', body: Buffer.from('x') }]);
  });

  it.each([
    ['no closing boundary', '--bound\r\nContent-Disposition: form-data; name="a"\r\n\r\nx'],
    ['no boundary at all', 'hello'],
    ['an empty body', ''],
    ['no disposition', '--bound\r\nContent-Type: a/b\r\n\r\nx\r\n--bound--'],
    ['no name', '--bound\r\nContent-Disposition: form-data\r\n\r\nx\r\n--bound--'],
    ['text after a boundary', '--boundary\r\nContent-Disposition: form-data; name="a"\r\n\r\nx\r\n--bound--'],
    ['endless headers', `--bound\r\nx: ${'y'.repeat(9000)}`],
    [
      'too many parts',
      encode(
        Array.from({ length: 17 }, () => ({ name: 'a', body: Buffer.from('') })),
        'bound',
      ).toString(),
    ],
  ])('refuses %s', async (_, text) => {
    await expect(read(Buffer.from(text), 'bound')).rejects.toMatchObject({ kind: 'invalid-input' });
  });

  it('passes an error of the source on and closes it', async () => {
    let closed = false;
    async function* failing(): AsyncGenerator<Uint8Array> {
      try {
        yield Buffer.from('--b\r\nContent-Disposition: form-data; name="a"\r\n\r\nx');
        throw new Error('aborted');
      } finally {
        closed = true;
      }
    }
    const reading = (async () => {
      for await (const part of parseMultipart(failing(), 'b', LIMITS)) for await (const chunk of part.body) void chunk;
    })();
    await expect(reading).rejects.toThrow('aborted');
    expect(closed).toBe(true);
  });
});

describe('parseBoundary', () => {
  it.each([
    ['multipart/form-data; boundary=abc', 'abc'],
    ['Multipart/Form-Data;boundary="a b:c"', 'a b:c'],
    ['multipart/form-data; charset=utf-8; boundary=----WebKitFormBoundary7MA4', '----WebKitFormBoundary7MA4'],
  ])('%s', (header, boundary) => {
    expect(parseBoundary(header)).toBe(boundary);
  });
  it.each([
    undefined,
    'application/json',
    'multipart/form-data',
    'multipart/form-data; boundary=',
    `multipart/form-data; boundary=${'a'.repeat(71)}`,
    'multipart/form-data; boundary="a\u00e9"',
  ])('refuses %s', (header) => {
    expect(() => parseBoundary(header)).toThrow(/boundary/);
  });
});
