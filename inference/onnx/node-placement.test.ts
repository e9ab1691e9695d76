import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as ort from 'onnxruntime-node';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { GraphBuilder } from './graph-builder.ts';
import { readPlacements, requirePlacement } from './node-placement.ts';
import { openSession } from './open-session.ts';
import { tryProvider } from './try-provider.ts';

let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'lectern-placement-'));
});
afterEach(() => rm(dir, { recursive: true, force: true }));

it('a profile tells what ran on the CPU, and it is not taken for a run on CUDA', async () => {
  const graph = new GraphBuilder('product', { opset: 17 });
  const x = graph.input('x', 'float32', [1, 2]);
  graph.node('MatMul', [x, graph.constant('float32', [2, 1], [3, 4])], {}, { outputs: ['y'] });
  graph.output('y', 'float32', [1, 1]);
  await graph.write(join(dir, 'model.onnx'));
  const profiles = await mkdtemp(join(dir, 'profiles-'));
  const session = await openSession(join(dir, 'model.onnx'), { threads: 1, profilePrefix: join(profiles, 'product') });
  const run = (): Promise<unknown> => session.run({ x: new ort.Tensor('float32', [1, 2], [1, 2]) });
  await run();
  await run();
  session.endProfiling();
  const placements = await readPlacements(profiles);
  expect(placements).toEqual([{ op: 'MatMul', provider: 'CPUExecutionProvider', runs: 2, milliseconds: expect.any(Number) as number }]);
  expect(() => requirePlacement(placements, 'CUDAExecutionProvider')).toThrow('MatMul on CPUExecutionProvider');
  expect(() => requirePlacement(placements, 'CPUExecutionProvider')).not.toThrow();
});

it('arithmetic on shapes may run on the CPU, but something has to run', () => {
  const shape = { op: 'Concat', provider: 'CPUExecutionProvider', runs: 1, milliseconds: 0 };
  const work = { op: 'MatMul', provider: 'CUDAExecutionProvider', runs: 1, milliseconds: 1 };
  expect(() => requirePlacement([shape, work], 'CUDAExecutionProvider')).not.toThrow();
  expect(() => requirePlacement([shape], 'CUDAExecutionProvider')).toThrow('nothing was seen to run');
});

it('a provider is tried out with a convolution and a product', async () => {
  const placements = await tryProvider('cpu');
  expect(placements.map(({ op, provider }) => `${op} on ${provider}`)).toEqual(
    expect.arrayContaining(['Conv on CPUExecutionProvider', 'MatMul on CPUExecutionProvider']) as string[],
  );
});
