import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { afterAll, describe, expect, test } from 'vitest';
import { LecternError } from '../../contracts/errors.ts';
import { openSafetensors } from './safetensors.ts';

const dir = mkdtempSync(join(tmpdir(), 'lectern-safetensors-'));
const path = join(dir, 'x.safetensors');
afterAll(() => rmSync(dir, { recursive: true, force: true }));

function writeFile(header: unknown, data: Uint8Array): void {
  const json = Buffer.from(typeof header === 'string' ? header : JSON.stringify(header));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(json.length));
  writeFileSync(path, Buffer.concat([length, json, data]));
}

describe('openSafetensors', () => {
  test('reads back any set of float tensors', () => {
    const shapes = fc.uniqueArray(fc.record({ name: fc.string({ minLength: 1 }), shape: fc.array(fc.nat(4), { maxLength: 3 }) }), {
      selector: ({ name }) => name,
      maxLength: 6,
    });
    fc.assert(
      fc.property(shapes, fc.infiniteStream(fc.float({ noNaN: true })), (tensors, numbers) => {
        fc.pre(tensors.every(({ name }) => name !== '__metadata__' && name !== '__proto__'));
        const header: Record<string, unknown> = { __metadata__: { format: 'pt' } };
        const all: number[] = [];
        for (const { name, shape } of tensors) {
          const start = all.length * 4;
          for (let left = shape.reduce((a, b) => a * b, 1); left > 0; left--) all.push(numbers.next().value as number);
          header[name] = { dtype: 'F32', shape, data_offsets: [start, all.length * 4] };
        }
        writeFile(header, new Uint8Array(Float32Array.from(all).buffer));
        const file = openSafetensors(path);
        const read = tensors.flatMap(({ name, shape }) => {
          const tensor = file.tensor(name);
          expect(tensor.dims).toEqual(shape);
          return Array.from(tensor.data as Float32Array);
        });
        file.close();
        expect(read).toEqual(all);
      }),
      { numRuns: 50 },
    );
  });

  test('widens half floats and keeps integers', () => {
    const data = new Uint8Array(12);
    data.set(new Uint8Array(Uint16Array.of(0x3c00, 0xc000).buffer));
    data.set(new Uint8Array(BigInt64Array.of(-5n).buffer), 4);
    writeFile({ h: { dtype: 'F16', shape: [2], data_offsets: [0, 4] }, n: { dtype: 'I64', shape: [], data_offsets: [4, 12] } }, data);
    const file = openSafetensors(path);
    expect(file.tensor('h')).toEqual({ dims: [2], type: 'float16', data: Float32Array.of(1, -2) });
    expect(file.tensor('n')).toEqual({ dims: [], type: 'int64', data: BigInt64Array.of(-5n) });
    expect(() => file.tensor('m')).toThrow('no tensor m');
    file.close();
  });

  const entry = { dtype: 'F32', shape: [1], data_offsets: [0, 4] };
  test.each([
    ['not JSON', 'x{', 0, 'not JSON'],
    ['not an object', [1], 0, 'described wrongly|not an object'],
    ['bytes outside the file', { a: { ...entry, data_offsets: [4, 8] } }, 4, 'overlap or leave gaps'],
    ['shape larger than its bytes', { a: { ...entry, shape: [2 ** 40, 2 ** 40] } }, 4, 'does not fill'],
    ['negative size', { a: { ...entry, shape: [-1] } }, 4, 'described wrongly'],
    ['unknown type', { a: { ...entry, dtype: 'Q4' } }, 4, 'described wrongly'],
    ['overlap', { a: entry, b: entry }, 4, 'overlap or leave gaps'],
    ['hidden bytes at the end', { a: entry }, 9, 'the file at'],
    ['missing bytes', { a: entry }, 3, 'the file at'],
  ])('refuses %s', (_, header, dataBytes, message) => {
    writeFile(header, new Uint8Array(dataBytes));
    expect(() => openSafetensors(path)).toThrow(new RegExp(message));
  });

  test('any damage is refused as invalid input or read within bounds, never anything else', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        writeFileSync(path, bytes);
        expect(outcome(() => openSafetensors(path).close())).toMatch(/^(read|invalid-input)$/);
      }),
    );
  });
});

function outcome(read: () => void): string {
  try {
    read();
    return 'read';
  } catch (error) {
    return error instanceof LecternError ? error.kind : String(error);
  }
}
