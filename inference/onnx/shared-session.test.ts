import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { GraphBuilder } from './graph-builder.ts';
import { openSharedSession, releaseSession, SessionRunner, type SharedSession } from './shared-session.ts';
import type { SharedApi } from './tiny-shared-engine.fixture.ts';
import { startEngine } from './worker-host.ts';

let dir: string;
let session: SharedSession;

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'lectern-shared-'));
  const graph = new GraphBuilder('twice', { opset: 17 });
  const x = graph.input('x', 'float32', ['rows', 2]);
  graph.node('Add', [x, x], {}, { outputs: ['y'] });
  graph.output('y', 'float32', ['rows', 2]);
  await graph.write(join(dir, 'model.onnx'));
  session = await openSharedSession(join(dir, 'model.onnx'), { threads: 2 });
});
afterAll(async () => {
  releaseSession(session);
  await rm(dir, { recursive: true });
});

test('writes where it was told to, for any number of rows, and reads a part of a larger array', () => {
  const runner = new SessionRunner(session);
  const room = new Float32Array(8);
  const x = Float32Array.of(9, 1, 2, 3, 4, 9);
  runner.run({ x: { data: x.subarray(1, 5), dims: [2, 2] } }, { y: { data: room.subarray(2, 6), dims: [2, 2] } });
  expect([...room]).toEqual([0, 0, 2, 4, 6, 8, 0, 0]);
  const none = { data: new Float32Array(0), dims: [0, 2] };
  expect(() => runner.run({ x: none }, { y: none })).not.toThrow();
});

test('an output may lie where its input does', () => {
  const both = { data: Float32Array.of(1, 2), dims: [1, 2] };
  new SessionRunner(session).run({ x: both }, { y: both });
  expect([...both.data]).toEqual([2, 4]);
});

test('threads of their own run it at the same time', async () => {
  const module = new URL('tiny-shared-engine.fixture.ts', import.meta.url);
  const engines = await Promise.all([1, 2, 3].map(() => startEngine<SharedApi>(module, { session })));
  const results = await Promise.all(engines.map((engine, index) => engine.run(Float32Array.of(index, index + 1), 2000)));
  expect(results.map((y) => [...y])).toEqual([0, 1, 2].map((index) => [2 * index, 2 * index + 2]));
  await Promise.all(engines.map((engine) => engine.close()));
});

test.each([
  ['an input of another shape', 'x', [2, 3], [2, 2], /invalid dimensions|not enough space/i],
  ['a place that is too small', 'x', [2, 2], [3, 2], /not enough space/],
  ['a place of another shape', 'x', [2, 2], [1, 2], /shape/],
  ['an input that the model does not know', 'z', [2, 2], [2, 2], /Invalid input name/i],
])('%s is an error, not a crash', (_, name, inDims, outDims, message) => {
  const runner = new SessionRunner(session);
  const read = { data: new Float32Array(4), dims: inDims };
  const write = { data: new Float32Array(4), dims: outDims };
  expect(() => runner.run({ [name]: read }, { y: write })).toThrow(message);
});

test('a model that is not there, or is none, is refused', async () => {
  await expect(openSharedSession(join(dir, 'none.onnx'), { threads: 1 })).rejects.toMatchObject({ kind: 'model-missing' });
  await writeFile(join(dir, 'text.onnx'), 'no model');
  await expect(openSharedSession(join(dir, 'text.onnx'), { threads: 1 })).rejects.toMatchObject({
    kind: 'internal',
    message: expect.stringContaining('text.onnx') as string,
  });
});
