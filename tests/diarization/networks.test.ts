import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as ort from 'onnxruntime-node';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { parseConfig } from '../../contracts/config.ts';
import { createKaldiFbank, FBANK_BINS } from '../../inference/diarization/kaldi-fbank.ts';
import { buildCampPlusGraph, campPlusContext } from '../../inference/graphs/campplus.ts';
import { buildSegmentationGraph } from '../../inference/graphs/segmentation.ts';
import { openModelStore, toModelStoreOptions } from '../../inference/models/store.ts';
import type { GraphBuilder } from '../../inference/onnx/graph-builder.ts';
import { openSession } from '../../inference/onnx/open-session.ts';
import type { TensorFile } from '../../inference/weights/tensor-file.ts';
import { openTorchZip } from '../../inference/weights/torch-zip.ts';
import { syntheticSpeech } from './synthetic-speech.ts';

// Made by tests/golden/make_diarization.py with torch and kaldi-native-fbank.
const golden = JSON.parse(await readFile(new URL('../golden/diarization.json', import.meta.url), 'utf8')) as {
  samples: { every: number; values: number[] };
  fbank: { frames: number; every: number; values: number[] };
  segmentation: { every: number; values: number[] };
  campplus: Record<string, number[]>;
};
const samples = syntheticSpeech(10);
const fbank = createKaldiFbank()(samples);

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lectern-diarization-'));
});
afterAll(() => rm(folder, { recursive: true }));

async function open(model: string, file: string, build: (weights: TensorFile) => GraphBuilder): Promise<ort.InferenceSession> {
  const store = await openModelStore(toModelStoreOptions(parseConfig(process.env)));
  const files = await store.ensure(model);
  const weights = openTorchZip(files.path(file));
  const path = join(folder, `${model}.onnx`);
  await build(weights).write(path);
  weights.close();
  return openSession(path, { threads: 2 });
}

function every(values: Float32Array, row: number, step: number): number[] {
  return Array.from(values).filter((_, index) => Math.floor(index / row) % step === 0);
}

function largestDifference(a: readonly number[], b: readonly number[]): number {
  expect(a).toHaveLength(b.length);
  return Math.max(...a.map((value, index) => Math.abs(value - (b[index] ?? NaN))));
}

test('the signal is the one that the goldens were made of', () => {
  expect(largestDifference(every(samples, 1, golden.samples.every), golden.samples.values)).toBeLessThan(1e-5);
});

test('the filter bank equals kaldi', () => {
  expect(fbank).toHaveLength(golden.fbank.frames * FBANK_BINS);
  expect(largestDifference(every(fbank, FBANK_BINS, golden.fbank.every), golden.fbank.values)).toBeLessThan(1e-3);
});

test('segmentation-3.0 equals torch', async () => {
  const session = await open('segmentation-3.0', 'pytorch_model.bin', buildSegmentationGraph);
  const { log_probabilities: output } = await session.run({ waveform: new ort.Tensor('float32', samples, [1, 1, samples.length]) });
  expect(output?.dims).toEqual([1, 589, 7]);
  expect(largestDifference(every(output?.data as Float32Array, 7, golden.segmentation.every), golden.segmentation.values)).toBeLessThan(
    2e-3,
  );
});

test('CAM++ equals torch for short, odd and long stretches', async () => {
  const session = await open('campplus', 'campplus_cn_en_common.pt', buildCampPlusGraph);
  for (const [length, expected] of Object.entries(golden.campplus)) {
    const frames = Number(length);
    const features = fbank.slice(0, frames * FBANK_BINS);
    for (let bin = 0; bin < FBANK_BINS; bin++) {
      const mean = features.filter((_, index) => index % FBANK_BINS === bin).reduce((sum, value) => sum + value, 0) / frames;
      for (let frame = 0; frame < frames; frame++) features[frame * FBANK_BINS + bin] = (features[frame * FBANK_BINS + bin] ?? 0) - mean;
    }
    const { networkFrames, stretches, context, spread } = campPlusContext(frames);
    const { embedding } = await session.run({
      fbank: new ort.Tensor('float32', features, [1, frames, FBANK_BINS]),
      context: new ort.Tensor('float32', context, [networkFrames, stretches]),
      spread: new ort.Tensor('float32', spread, [stretches, networkFrames]),
    });
    expect(largestDifference(Array.from(embedding?.data as Float32Array), expected)).toBeLessThan(2e-3);
  }
});
