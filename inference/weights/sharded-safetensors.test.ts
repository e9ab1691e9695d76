import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { openShardedSafetensors } from './sharded-safetensors.ts';

const dir = mkdtempSync(join(tmpdir(), 'lectern-shards-'));
const indexPath = join(dir, 'model.safetensors.index.json');
afterAll(() => rmSync(dir, { recursive: true, force: true }));

function writeShard(name: string, tensor: string, value: number): void {
  const json = Buffer.from(JSON.stringify({ [tensor]: { dtype: 'F32', shape: [1], data_offsets: [0, 4] } }));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(json.length));
  writeFileSync(join(dir, name), Buffer.concat([length, json, Buffer.from(Float32Array.of(value).buffer)]));
}

function writeIndex(map: Record<string, string>): void {
  writeFileSync(indexPath, JSON.stringify({ metadata: { total_size: 8 }, weight_map: map }));
}

writeShard('model-1.safetensors', 'a', 1);
writeShard('model-2.safetensors', 'b', 2);

test('reads each tensor from its shard', () => {
  writeIndex({ a: 'model-1.safetensors', b: 'model-2.safetensors' });
  const file = openShardedSafetensors(indexPath);
  expect(file.names()).toEqual(['a', 'b']);
  expect(file.dims('b')).toEqual([1]);
  expect(file.tensor('b').data).toEqual(Float32Array.of(2));
  expect(() => file.tensor('c')).toThrow('no tensor c');
  file.close();
});

test.each([
  ['a shard that is not there', { a: 'model-3.safetensors' }, 'model-missing', 'model-3.safetensors'],
  ['a tensor that its shard lacks', { b: 'model-1.safetensors' }, 'invalid-input', 'no tensor b'],
  ['a shard outside its folder', { a: '../model-1.safetensors' }, 'invalid-input', 'beside it'],
])('refuses %s', (_, map: Record<string, string>, kind, message) => {
  writeIndex(map);
  expect(() => openShardedSafetensors(indexPath)).toThrow(
    expect.objectContaining({ kind, message: expect.stringContaining(message) as string }),
  );
});
