import { mkdtemp, readFile, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as ort from 'onnxruntime-node';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { GraphBuilder } from './graph-builder.ts';
import { openSession } from './open-session.ts';

let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'lectern-graph-'));
});
afterEach(() => rm(dir, { recursive: true, force: true }));

async function run(graph: GraphBuilder, feeds: Record<string, ort.Tensor>): Promise<ort.InferenceSession.OnnxValueMapType> {
  const path = join(dir, 'model.onnx');
  await graph.write(path);
  const session = await openSession(path, { threads: 1 });
  return session.run(feeds);
}

describe('GraphBuilder', () => {
  test('a graph with an inline bias and external weights computes what it says, for any batch', async () => {
    const graph = new GraphBuilder('linear', { opset: 17 });
    const weight = Float32Array.from({ length: 3 * 200 }, (_, index) => index % 7);
    const x = graph.input('x', 'float32', ['batch', 3]);
    const w = graph.weight('w', 'float32', [3, 200], () => weight);
    const bias = graph.constant('float32', [1], [0.5]);
    graph.node('Add', [graph.op('MatMul', [x, w]), bias], {}, { outputs: ['y'] });
    graph.output('y', 'float32', ['batch', 200]);
    const { y } = await run(graph, { x: new ort.Tensor('float32', Float32Array.of(1, 0, 0, 0, 0, 2), [2, 3]) });
    expect(y?.dims).toEqual([2, 200]);
    const expected = [...weight.subarray(0, 200)].map((v) => v + 0.5).concat([...weight.subarray(400)].map((v) => 2 * v + 0.5));
    expect(Array.from(y?.data as Float32Array)).toEqual(expected);
  });

  test('external weights start on pages of <path>.data, small ones stay in the model', async () => {
    const graph = new GraphBuilder('sum', { opset: 17 });
    const first = graph.weight('first', 'float32', [500], new Float32Array(500).fill(1));
    const second = graph.weight('second', 'int8', [500 * 4], new Int8Array(2000).fill(2));
    graph.node(
      'Add',
      [first, graph.op('Cast', [graph.op('Slice', [second, zero(graph), count(graph, 500)])], { to: 1 })],
      {},
      { outputs: ['y'] },
    );
    graph.output('y', 'float32', [500]);
    const { y } = await run(graph, {});
    expect(new Set(y?.data as Float32Array)).toEqual(new Set([3]));
    expect((await readdir(dir)).sort()).toEqual(['model.onnx', 'model.onnx.data']);
    expect((await stat(join(dir, 'model.onnx.data'))).size).toBe(4096 + 2000);
    expect((await readFile(join(dir, 'model.onnx'))).includes('model.onnx.data')).toBe(true);
  });

  test('attributes of every form reach their operator', async () => {
    const graph = new GraphBuilder('attributes', { opset: 17 });
    const x = graph.input('x', 'float32', [1, 1, 4]);
    const cast = graph.op('LeakyRelu', [x], { alpha: { float: 0.5 } });
    const padded = graph.op('Pad', [cast, graph.constant('int64', [6], [0, 0, 1, 0, 0, 0])], { mode: 'constant' });
    const pooled = graph.op('AveragePool', [padded], { kernel_shape: [2], strides: [1] });
    const list = graph.op('Constant', [], { value_floats: { floats: [1, 2, 3, 4] } });
    graph.node('Add', [pooled, list], {}, { outputs: ['y'] });
    graph.output('y', 'float32', [1, 1, 4]);
    const { y } = await run(graph, { x: new ort.Tensor('float32', Float32Array.of(-2, 4, 4, 0), [1, 1, 4]) });
    expect(Array.from(y?.data as Float32Array)).toEqual([0.5, 3.5, 7, 6]);
  });

  test('a weight whose data does not fill its shape is refused and leaves no file', async () => {
    const graph = new GraphBuilder('short', { opset: 17 });
    expect(() => graph.weight('a', 'float32', [4], new Float32Array(3))).toThrow('12 bytes, its shape needs 16');
    graph.weight('b', 'float32', [4], () => new Float32Array(5));
    await expect(graph.write(join(dir, 'model.onnx'))).rejects.toThrow('weight b has 20 bytes');
    expect(await readdir(dir)).toEqual([]);
  });
});

describe('openSession', () => {
  test('names a missing model, and refuses a provider that is not here instead of falling back', async () => {
    await expect(openSession(join(dir, 'none.onnx'), { threads: 1 })).rejects.toMatchObject({ kind: 'model-missing' });
    // On a machine with CUDA the provider loads and the file is what is missing; nowhere does it run on the CPU.
    const onCuda = openSession(join(dir, 'none.onnx'), { threads: 1, provider: 'cuda' });
    await expect(onCuda).rejects.toMatchObject({ kind: expect.stringMatching(/^(unavailable|model-missing)$/) as string });
  });
});

describe('GraphBuilder.subgraph', () => {
  test('branches read the values around them and share weights of one name, which are written once', async () => {
    const graph = new GraphBuilder('choice', { opset: 17 });
    const x = graph.input('x', 'float32', [1, 2]);
    const asked = graph.input('asked', 'bool', []);
    const doubled = graph.op('Add', [x, x]);
    const branch = (name: string, factor: number): GraphBuilder => {
      const inner = graph.subgraph(name);
      const w = inner.weight('w', 'float32', [2, 300], () => Float32Array.from({ length: 600 }, (_, index) => index));
      inner.node('Mul', [inner.op('MatMul', [doubled, w]), inner.constant('float32', [1], [factor])], {}, { outputs: [`${name}_y`] });
      inner.output(`${name}_y`, 'float32', [1, 300]);
      return inner;
    };
    const [yes, no] = [branch('yes', 1), branch('no', -1)];
    graph.node('If', [asked], { then_branch: { graph: yes.toMessage() }, else_branch: { graph: no.toMessage() } }, { outputs: ['y'] });
    graph.output('y', 'float32', [1, 300]);
    for (const answer of [true, false]) {
      const feeds = { x: new ort.Tensor('float32', [1, 0], [1, 2]), asked: new ort.Tensor('bool', [answer], []) };
      const { y } = await run(graph, feeds);
      expect(Array.from(y?.data as Float32Array).slice(1, 3)).toEqual(answer ? [2, 4] : [-2, -4]);
    }
    expect((await stat(join(dir, 'model.onnx.data'))).size).toBe(600 * 4);
  });
});

test('a graph of halves stores them, and computes in them', async () => {
  const graph = new GraphBuilder('halves', { opset: 17, floats: 'float16' });
  const x = graph.input('x', 'float32', [1, 600]);
  const w = graph.weight('w', 'float32', [600, 1], new Float32Array(600).fill(1 / 3));
  const half = graph.op('MatMul', [graph.op('Cast', [x], { to: 10 }), w]);
  graph.node('Cast', [half], { to: 1 }, { outputs: ['y'] });
  graph.output('y', 'float32', [1, 1]);
  const { y } = await run(graph, { x: new ort.Tensor('float32', new Float32Array(600).with(0, 1), [1, 600]) });
  // A third, rounded to the 11 bits of a half.
  expect(y?.data[0]).toBe(0.333251953125);
  expect((await stat(join(dir, 'model.onnx.data'))).size).toBe(600 * 2);
});

function zero(graph: GraphBuilder): string {
  return graph.constant('int64', [1], [0]);
}

function count(graph: GraphBuilder, size: number): string {
  return graph.constant('int64', [1], [size]);
}
