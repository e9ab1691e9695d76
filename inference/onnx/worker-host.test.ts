import { mkdtemp, rm } from 'node:fs/promises';
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

  test('a thread that dies rejects what is pending and what comes after', async () => {
    const engine = await startEngine<TinyApi>(module, { modelPath });
    const hanging = engine.hang();
    const crashing = engine.crash();
    await expect(hanging).rejects.toMatchObject({ kind: 'internal', message: expect.stringContaining('exit code 7') as string });
    await expect(crashing).rejects.toMatchObject({ kind: 'internal' });
    await expect(engine.run(Float32Array.of(1, 2))).rejects.toMatchObject({ kind: 'internal' });
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
