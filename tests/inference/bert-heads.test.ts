import { mkdtemp, rm } from 'node:fs/promises';
import { readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { buildCrossEncoderGraph, buildEmbeddingGraph } from '../../inference/graphs/bert.ts';
import type { GraphBuilder } from '../../inference/onnx/graph-builder.ts';
import { startEngine } from '../../inference/onnx/worker-host.ts';
import type { TextBatch } from '../../inference/text/text-batches.ts';
import type { TextEngine } from '../../inference/text/text-engine.ts';
import type { Tensor, TensorFile } from '../../inference/weights/tensor-file.ts';

interface Golden {
  shapes: [string, number[]][];
  batch: { ids: number[][]; typeIds: number[][]; mask: number[][] };
  scores: number[];
  embeddings: number[][];
}

/** Made by `make_bert_heads.py` with torch, on weights by the formula that stands below as well. */
const golden = JSON.parse(readFileSync(new URL('../golden/bert-heads.json', import.meta.url), 'utf8')) as Golden;

const weights: TensorFile = {
  names: () => golden.shapes.map(([name]) => name),
  dims: (name) => golden.shapes.find(([known]) => known === name)![1],
  tensor(name): Tensor {
    const ordinal = golden.shapes.findIndex(([known]) => known === name);
    const dims = golden.shapes[ordinal]![1];
    const size = dims.reduce((product, dim) => product * dim, 1);
    const data = Float32Array.from({ length: size }, (_, i) => 0.3 * Math.sin((i + 1) * (ordinal + 3) * 0.7));
    return { dims, type: 'float32', data };
  },
  close: () => undefined,
};

async function run(graph: GraphBuilder): ReturnType<TextEngine['run']> {
  const folder = await mkdtemp(join(tmpdir(), 'lectern-bert-heads-'));
  try {
    const modelPath = join(folder, 'bert.onnx');
    await graph.write(modelPath);
    const engine = await startEngine<TextEngine>(new URL('../../inference/text/text-engine.ts', import.meta.url), {
      modelPath,
      threads: 1,
    });
    const flat = (rows: number[][]): BigInt64Array => BigInt64Array.from(rows.flat().map(BigInt));
    const { ids, typeIds, mask } = golden.batch;
    const batch: TextBatch = { positions: [0, 1], tokens: 8, ids: flat(ids), typeIds: flat(typeIds), mask: flat(mask) };
    const result = await engine.run(batch);
    await engine.close();
    return result;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

it('scores pairs as the reference does, padded or not', async () => {
  const { data, dims } = await run(buildCrossEncoderGraph(weights));
  expect(dims).toEqual([2, 1]);
  for (const [row, score] of golden.scores.entries()) expect(data[row]).toBeCloseTo(score, 4);
});

it('embeds texts as the reference does, padded or not', async () => {
  const { data, dims } = await run(buildEmbeddingGraph(weights));
  expect(dims).toEqual([2, golden.embeddings[0]!.length]);
  for (const [index, value] of golden.embeddings.flat().entries()) expect(data[index]).toBeCloseTo(value, 4);
});
