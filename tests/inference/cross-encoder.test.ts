import { mkdtemp, rm } from 'node:fs/promises';
import { readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { buildCrossEncoderGraph } from '../../inference/graphs/bert.ts';
import { startEngine } from '../../inference/onnx/worker-host.ts';
import type { TextBatch } from '../../inference/text/text-batches.ts';
import type { TextEngine } from '../../inference/text/text-engine.ts';
import type { Tensor, TensorFile } from '../../inference/weights/tensor-file.ts';

interface Golden {
  shapes: [string, number[]][];
  batch: { ids: number[][]; typeIds: number[][]; mask: number[][] };
  scores: number[];
}

/** Made by `make_cross_encoder.py` with torch, on weights by the formula that stands below as well. */
const golden = JSON.parse(readFileSync(new URL('../golden/cross-encoder.json', import.meta.url), 'utf8')) as Golden;

const weights: TensorFile = {
  names: () => golden.shapes.map(([name]) => name),
  tensor(name): Tensor {
    const ordinal = golden.shapes.findIndex(([known]) => known === name);
    const dims = golden.shapes[ordinal]![1];
    const size = dims.reduce((product, dim) => product * dim, 1);
    const data = Float32Array.from({ length: size }, (_, i) => 0.3 * Math.sin((i + 1) * (ordinal + 3) * 0.7));
    return { dims, type: 'float32', data };
  },
  close: () => undefined,
};

it('scores pairs as the reference does, padded or not', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'lectern-cross-encoder-'));
  try {
    const modelPath = join(folder, 'cross-encoder.onnx');
    await buildCrossEncoderGraph(weights).write(modelPath);
    const engine = await startEngine<TextEngine>(new URL('../../inference/text/text-engine.ts', import.meta.url), {
      modelPath,
      threads: 1,
    });
    const flat = (rows: number[][]): BigInt64Array => BigInt64Array.from(rows.flat().map(BigInt));
    const { ids, typeIds, mask } = golden.batch;
    const batch: TextBatch = { positions: [0, 1], tokens: 8, ids: flat(ids), typeIds: flat(typeIds), mask: flat(mask) };
    const { data, dims } = await engine.run(batch);
    expect(dims).toEqual([2, 1]);
    for (const [row, score] of golden.scores.entries()) expect(data[row]).toBeCloseTo(score, 4);
    await engine.close();
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});
