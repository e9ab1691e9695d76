import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { crc32, deflateRawSync } from 'node:zlib';
import * as fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { LecternError } from '../../contracts/errors.ts';
import { openTorchZip } from './torch-zip.ts';

// Small files made by torch itself: tests/golden/make_torch_zip.py.
const golden = new URL('../../tests/golden/torch-zip/', import.meta.url);
const expected = JSON.parse(readFileSync(new URL('expected.json', golden), 'utf8')) as Record<
  string,
  Record<string, { type: string; dims: number[]; values: number[] }>
>;

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'lectern-torch-zip-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

function write(bytes: Uint8Array): string {
  const path = join(folder, 'weights.bin');
  writeFileSync(path, bytes);
  return path;
}

function goldenBytes(name: string): Buffer {
  return Buffer.from(readFileSync(new URL(`${name}.base64`, golden), 'utf8'), 'base64');
}

function readAll(path: string): Record<string, { type: string; dims: number[]; values: number[] }> {
  const file = openTorchZip(path);
  try {
    return Object.fromEntries(
      file.names().map((name) => {
        const { type, dims, data } = file.tensor(name);
        return [name, { type, dims, values: Array.from(data, Number) }];
      }),
    );
  } finally {
    file.close();
  }
}

/** A zip file with a central directory, as a torch file is one. */
function zip(entries: Record<string, Uint8Array>, deflate = false): Buffer {
  const parts: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const [name, bytes] of Object.entries(entries)) {
    const body = deflate ? deflateRawSync(bytes) : Buffer.from(bytes);
    const fields = Buffer.alloc(26);
    fields.writeUInt16LE(deflate ? 8 : 0, 4);
    fields.writeUInt32LE(crc32(bytes), 10);
    fields.writeUInt32LE(body.length, 14);
    fields.writeUInt32LE(bytes.length, 18);
    fields.writeUInt16LE(name.length, 22);
    const central = Buffer.alloc(16);
    central.writeUInt32LE(offset, 12);
    directory.push(Buffer.from('PK\x01\x02\0\0', 'latin1'), fields, central.subarray(2), Buffer.from(name));
    const local = [Buffer.from('PK\x03\x04', 'latin1'), fields, Buffer.from(name), body];
    parts.push(...local);
    offset += local.reduce((sum, part) => sum + part.length, 0);
  }
  const end = Buffer.alloc(22);
  end.write('PK\x05\x06', 'latin1');
  end.writeUInt16LE(Object.keys(entries).length, 10);
  const central = Buffer.concat(directory);
  end.writeUInt32LE(central.length, 12);
  end.writeUInt32LE(offset, 16);
  return Buffer.concat([...parts, central, end]);
}

function pickle(body: string): Buffer {
  return Buffer.concat([Buffer.from([0x80, 2]), Buffer.from(body, 'latin1'), Buffer.from('.')]);
}

test.each(Object.keys(expected))('reads what torch wrote: %s', (name) => {
  expect(readAll(write(goldenBytes(name)))).toEqual(expected[name]);
});

test('reads deflated entries', () => {
  const path = write(zip({ 'a/data.pkl': tensorPickle(), 'a/data/0': Buffer.from(Float32Array.of(1, 2, 3, 4).buffer) }, true));
  expect(readAll(path)).toEqual({ w: { type: 'float32', dims: [2, 2], values: [1, 2, 3, 4] } });
});

/** `{'w': _rebuild_tensor_v2(storage of `elements`, 0, (rows, 2), (2, 1), False, OrderedDict())}` */
function tensorPickle(rows = 2, elements = 4, storage = 'torch\nFloatStorage'): Buffer {
  const small = (value: number): string => `K${String.fromCodePoint(value)}`;
  const text = (value: string): string => `X${String.fromCodePoint(value.length)}\0\0\0${value}`;
  const reference = `(${text('storage')}c${storage}\n${text('0')}${text('cpu')}${small(elements)}tQ`;
  const empty = 'ccollections\nOrderedDict\n)R';
  const args = `(${reference}${small(0)}${small(rows)}${small(2)}\x86${small(2)}${small(1)}\x86\x89${empty}t`;
  return pickle(`}(${text('w')}ctorch._utils\n_rebuild_tensor_v2\n${args}Ru`);
}

const storage = Buffer.alloc(16);
test.each([
  ['a name outside the list', { 'a/data.pkl': pickle('cos\nsystem\n(X\x04\0\0\0truetR') }, /names os\.system/],
  ['a builtin', { 'a/data.pkl': pickle('cbuiltins\neval\n)R') }, /names builtins\.eval/],
  ['an unlisted opcode', { 'a/data.pkl': pickle('i') }, /opcode 0x69/],
  ['calling a value', { 'a/data.pkl': pickle('K\x01)R') }, /not a function/],
  ['a tensor beyond its storage', { 'a/data.pkl': tensorPickle(3), 'a/data/0': storage }, /outside its storage/],
  ['a storage of a wrong size', { 'a/data.pkl': tensorPickle(2, 5), 'a/data/0': storage }, /16 bytes where 20/],
  ['a missing storage', { 'a/data.pkl': tensorPickle() }, /lack the storage 0/],
  ['no tensors', { 'a/data.pkl': pickle('}') }, /holds no tensors/],
  ['a big-endian file', { 'a/data.pkl': tensorPickle(), 'a/data/0': storage, 'a/byteorder': Buffer.from('big') }, /little-endian/],
  ['two pickles', { 'a/data.pkl': tensorPickle(), 'b/data.pkl': tensorPickle() }, /one data.pkl/],
])('refuses %s', (_, entries, message) => {
  const path = write(zip(entries));
  expect(() => openTorchZip(path)).toThrow(expect.objectContaining({ kind: 'invalid-input', message: expect.stringMatching(message) }));
});

test('an unknown tensor is named', () => {
  const file = openTorchZip(write(zip({ 'a/data.pkl': tensorPickle(), 'a/data/0': storage })));
  expect(() => file.tensor('v')).toThrow(/has no tensor v/);
  file.close();
});

test('a file damaged anywhere is read alike or refused, never worse', () => {
  const whole = goldenBytes('state');
  const flips = fc.array(fc.tuple(fc.nat(whole.length - 1), fc.integer({ min: 1, max: 255 })), { minLength: 1, maxLength: 3 });
  fc.assert(
    fc.property(flips, fc.option(fc.nat(whole.length)), (changes, length) => {
      const bytes = Buffer.from(whole);
      for (const [at, mask] of changes) bytes[at] = (bytes[at] ?? 0) ^ mask;
      expect(unexpectedError(bytes.subarray(0, length ?? bytes.length))).toBeUndefined();
    }),
    { numRuns: 300 },
  );
});

test('any pickle at all ends in tensors or a refusal', () => {
  const opcodes = fc.constantFrom(...Buffer.from('\x80(}])t\x85\x86\x87N\x88\x89KMJ\x8aGXcQR\x81baesuqrhj.', 'latin1'));
  const body = fc.array(fc.oneof(opcodes, fc.integer({ min: 0, max: 255 })), { maxLength: 60 });
  fc.assert(
    fc.property(body, (codes) => {
      expect(unexpectedError(zip({ 'a/data.pkl': Buffer.from([0x80, 2, ...codes]) }))).toBeUndefined();
    }),
    { numRuns: 300 },
  );
});

/** The error, unless the file can be read or is refused as invalid input. */
function unexpectedError(bytes: Uint8Array): unknown {
  try {
    readAll(write(bytes));
  } catch (error) {
    return error instanceof LecternError && error.kind === 'invalid-input' ? undefined : error;
  }
  return undefined;
}
