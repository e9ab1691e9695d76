import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { afterAll, describe, expect, test } from 'vitest';
import { LecternError } from '../../contracts/errors.ts';
import { openCTranslate2 } from './ctranslate2.ts';

const dir = mkdtempSync(join(tmpdir(), 'lectern-ctranslate2-'));
const path = join(dir, 'model.bin');
afterAll(() => rmSync(dir, { recursive: true, force: true }));

interface Variable {
  name: string;
  dims: number[];
  type: number;
  data: Uint8Array;
}

function u32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}

function text(value: string): Buffer {
  const bytes = Buffer.from(value);
  const length = Buffer.alloc(2);
  length.writeUInt16LE(bytes.length + 1);
  return Buffer.concat([length, bytes, Buffer.of(0)]);
}

function encode(variables: Variable[], aliases: [string, string][] = [], version = 6): Buffer {
  return Buffer.concat([
    u32(version),
    text('WhisperSpec'),
    u32(3),
    u32(variables.length),
    ...variables.flatMap(({ name, dims, type, data }) => [
      text(name),
      Buffer.of(dims.length),
      ...dims.map(u32),
      Buffer.of(type),
      u32(data.length),
      Buffer.from(data),
    ]),
    u32(aliases.length),
    ...aliases.flatMap(([alias, target]) => [text(alias), text(target)]),
  ]);
}

const half: Variable = { name: 'encoder/w', dims: [2, 1], type: 4, data: new Uint8Array(Uint16Array.of(0x3c00, 0x4000).buffer) };

describe('openCTranslate2', () => {
  test('reads every type it stores, and aliases', () => {
    const small: Variable = { name: 'i', dims: [3], type: 1, data: Uint8Array.of(1, 255, 128) };
    const scalar: Variable = { name: 's', dims: [], type: 3, data: new Uint8Array(Int32Array.of(-7).buffer) };
    writeFileSync(path, encode([half, small, scalar], [['projection', 'encoder/w']]));
    const file = openCTranslate2(path);
    expect(file.names()).toEqual(['encoder/w', 'i', 's', 'projection']);
    expect(file.dims('projection')).toEqual([2, 1]);
    expect(file.tensor('projection')).toEqual({ dims: [2, 1], type: 'float16', data: Float32Array.of(1, 2) });
    expect(file.tensor('i').data).toEqual(Int8Array.of(1, -1, -128));
    expect(file.tensor('s')).toEqual({ dims: [], type: 'int32', data: Int32Array.of(-7) });
    expect(() => file.tensor('none')).toThrow('no tensor none');
    file.close();
  });

  test('reads any number of variables of any size, whatever lies between their headers', () => {
    const variables = fc.uniqueArray(fc.tuple(fc.string({ minLength: 1, maxLength: 30 }), fc.uint8Array({ maxLength: 6000 })), {
      selector: ([name]) => name,
      maxLength: 8,
    });
    fc.assert(
      fc.property(variables, (list) => {
        fc.pre(list.every(([name]) => name.isWellFormed()));
        writeFileSync(path, encode(list.map(([name, data]) => ({ name, dims: [data.length], type: 1, data }))));
        const file = openCTranslate2(path);
        const read = file.names().map((name) => [name, new Uint8Array(file.tensor(name).data.buffer)]);
        file.close();
        expect(read).toEqual(list);
      }),
      { numRuns: 40 },
    );
  });

  test.each<[string, Buffer, string]>([
    ['another version', encode([half], [], 5), 'format 5'],
    ['a size that is not its shape', encode([{ ...half, dims: [3] }]), 'does not fill'],
    ['a shape beyond numbers', encode([{ ...half, dims: [2 ** 32 - 1, 2 ** 32 - 1, 2 ** 32 - 1] }]), 'does not fill'],
    ['an unknown type', encode([{ ...half, type: 9 }]), 'unknown type 9'],
    ['a name given twice', encode([half, half]), 'twice'],
    ['an alias of nothing', encode([half], [['a', 'b']]), 'names no variable'],
    ['bytes after its end', Buffer.concat([encode([half]), Buffer.of(1)]), 'follow its end'],
    ['a hostile count', Buffer.concat([u32(6), text('x'), u32(1), u32(2 ** 32 - 1)]), 'claims'],
    ['an empty file', Buffer.alloc(0), 'outside'],
  ])('refuses %s', (_, bytes, message) => {
    writeFileSync(path, bytes);
    expect(() => openCTranslate2(path)).toThrow(message);
  });

  test('a file cut anywhere, or with any byte changed, is refused as invalid input or stays within bounds', () => {
    const whole = encode([half, { ...half, name: 'b' }], [['c', 'b']]);
    fc.assert(
      fc.property(fc.nat(whole.length - 1), fc.nat(255), fc.boolean(), (at, value, cut) => {
        const bytes = Buffer.from(whole);
        bytes[at] = value;
        writeFileSync(path, cut ? bytes.subarray(0, at) : bytes);
        const read = (): void => {
          const file = openCTranslate2(path);
          for (const name of file.names()) file.tensor(name);
          file.close();
        };
        expect(outcome(read)).toMatch(cut ? /^invalid-input$/ : /^(read|invalid-input)$/);
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
