import { copyFile, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { LecternError } from '../../contracts/errors.ts';
import { GraphBuilder } from './graph-builder.ts';
import { inferenceLog } from './inference-log.ts';
import type { TinyApi } from './tiny-engine.fixture.ts';
import { startEngine } from './worker-host.ts';
import { fromWireError, toWireError, transferable } from './worker-messages.ts';

const module = new URL('./tiny-engine.fixture.ts', import.meta.url);
let dir: string;
let modelPath: string;

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'lectern-host-'));
  modelPath = join(dir, 'double.onnx');
  const graph = new GraphBuilder('double', { opset: 17 });
  const x = graph.input('x', 'float32', ['rows', 2]);
  graph.node('Mul', [x, graph.constant('float32', [], [2])], {}, { outputs: ['y'] });
  graph.output('y', 'float32', ['rows', 2]);
  await graph.write(modelPath);
});
afterAll(() => rm(dir, { recursive: true, force: true }));

describe('startEngine', () => {
  test('runs a graph in its thread, keeps error kinds, passes its log on, and closes', async () => {
    const logged: unknown[] = [];
    const listen = (entry: unknown): void => void logged.push(entry);
    inferenceLog.subscribe(listen);
    const engine = await startEngine<TinyApi>(module, { modelPath });
    inferenceLog.unsubscribe(listen);
    expect(logged).toMatchObject([{ message: 'model loaded', fields: { model: 'double.onnx', provider: 'cpu', threads: 1 } }]);
    expect(await engine.run(Float32Array.of(1, 2, 3, 4))).toEqual({ y: Float32Array.of(2, 4, 6, 8), shape: [2, 2] });
    const refusal = await engine.refuse().catch((error: unknown) => error);
    expect(refusal).toBeInstanceOf(LecternError);
    expect(refusal).toMatchObject({ kind: 'invalid-input', message: 'not this', cure: 'Try that.', details: { limit: 3 } });
    await engine.close();
    await expect(engine.run(Float32Array.of(1, 2))).rejects.toMatchObject({ kind: 'unavailable' });
  });

  test('a thread that dies rejects what is pending; the next call runs in a new thread, one for all', async () => {
    const engine = await startEngine<TinyApi>(module, { modelPath });
    const hanging = engine.hang();
    const crashing = engine.crash();
    await expect(hanging).rejects.toMatchObject({ kind: 'internal', message: expect.stringContaining('exit code 7') as string });
    await expect(crashing).rejects.toMatchObject({ kind: 'internal' });
    const logged: string[] = [];
    const listen = (entry: unknown): void => void logged.push((entry as { message: string }).message);
    inferenceLog.subscribe(listen);
    const runs = await Promise.all([1, 2, 3].map((value) => engine.run(Float32Array.of(value, 0))));
    inferenceLog.unsubscribe(listen);
    expect(runs.map(({ y }) => y[0])).toEqual([2, 4, 6]);
    expect(logged.toSorted()).toEqual(['engine starts again', 'model loaded']);
    await expect(engine.crash()).rejects.toMatchObject({ kind: 'internal' });
    expect((await engine.run(Float32Array.of(4, 0))).y[0]).toBe(8);
    await engine.close();
  });

  test('a thread that cannot start again says why, each time it is asked, until it can', async () => {
    const moved = join(dir, 'moved.onnx');
    await copyFile(modelPath, moved);
    const engine = await startEngine<TinyApi>(module, { modelPath: moved });
    await rm(moved);
    await expect(engine.crash()).rejects.toMatchObject({ kind: 'internal' });
    await expect(engine.run(Float32Array.of(1, 2))).rejects.toMatchObject({ kind: 'model-missing' });
    await copyFile(modelPath, moved);
    expect((await engine.run(Float32Array.of(1, 2))).y).toEqual(Float32Array.of(2, 4));
    await engine.close();
  });

  test('a dead engine that is closed stays dead, also while it starts again', async () => {
    const dead = await startEngine<TinyApi>(module, { modelPath });
    await expect(dead.crash()).rejects.toMatchObject({ kind: 'internal' });
    await dead.close();
    await expect(dead.run(Float32Array.of(1, 2))).rejects.toMatchObject({ kind: 'unavailable' });
    const starting = await startEngine<TinyApi>(module, { modelPath });
    await expect(starting.crash()).rejects.toMatchObject({ kind: 'internal' });
    const late = starting.run(Float32Array.of(1, 2));
    await Promise.all([expect(late).rejects.toMatchObject({ kind: 'unavailable' }), starting.close()]);
  });

  test('a failed start rejects with its kind', async () => {
    await expect(startEngine<TinyApi>(module, { modelPath: join(dir, 'none.onnx') })).rejects.toMatchObject({ kind: 'model-missing' });
    await expect(startEngine(new URL('./no-such-engine.ts', import.meta.url), {})).rejects.toMatchObject({ kind: 'internal' });
  });
});

describe('worker messages', () => {
  test('an error survives the crossing, a foreign one as internal', () => {
    const wire = structuredClone(toWireError(new RangeError('too far')));
    expect(fromWireError(wire)).toMatchObject({ kind: 'internal', message: 'too far' });
  });

  test('only whole buffers are given away, each once', () => {
    const whole = new Float32Array(4);
    const part = new Float32Array(8).subarray(2);
    expect(transferable({ a: [{ whole }], again: whole, part, text: 'x', none: null })).toEqual([whole.buffer]);
  });
});
