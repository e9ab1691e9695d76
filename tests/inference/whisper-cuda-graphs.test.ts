import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildEncoder } from '../../inference/graphs/whisper-cuda/encoder.ts';
import type { Floats } from '../../inference/graphs/whisper-cuda/graph-parts.ts';
import { openWhisperCudaModel, type HeardAudio, type WhisperCudaModel } from '../../inference/graphs/whisper-cuda/model.ts';
import { buildScorer } from '../../inference/graphs/whisper-cuda/scorer.ts';
import { buildSearch, NOISE_STRIDE } from '../../inference/graphs/whisper-cuda/search.ts';
import type { WhisperShape } from '../../inference/graphs/whisper-interface.ts';
import type { WhisperTensors } from '../../inference/graphs/whisper-tensors.ts';
import { WhisperWeights } from '../../inference/graphs/whisper-weights.ts';
import { openVerified } from '../../inference/whisper-cuda/open-verified.ts';

interface Golden {
  sizes: { mel: number; width: number; heads: number; vocabulary: number; maxTokens: number; end: number; layers: number };
  alignmentHeads: [number, number][];
  shapes: [string, number[]][];
  prompts: number[][];
  hidden: number[][];
  searches: Record<string, number[][]>;
  drawn: number[][];
  forced: number[][];
  startLogits: number[][];
  logProbabilities: number[][];
  qk: number[][][];
}

/** Made by `make_whisper_cuda.py` in numpy, on weights by the formula that stands below as well. */
const golden = JSON.parse(await readFile(new URL('../golden/whisper-cuda.json', import.meta.url), 'utf8')) as Golden;
const { mel: MEL, width: WIDTH, vocabulary: VOCABULARY, maxTokens: MAX_TOKENS, end: END } = golden.sizes;
const ROWS = golden.prompts.length;

/** Whole numbers hashed to -1 .. 1, the same in any language. */
function numbers(seed: number, count: number): Float32Array {
  return Float32Array.from({ length: count }, (_, index) => {
    let x = Math.imul(index + 1, 0x9e3779b1) ^ Math.imul(seed + 1, 0x85ebca6b);
    x = Math.imul(x ^ (x >>> 15), 0x2c1b3c6d);
    x = Math.imul(x ^ (x >>> 12), 0x297a2d39);
    return ((x ^ (x >>> 15)) >>> 0) / 2 ** 31 - 1;
  });
}

function amplitudeOf(name: string): number {
  if (name.startsWith('decoder/position')) return 2;
  return Math.fround(name.startsWith('decoder/embed') ? 0.3 : 0.125);
}

const aliases: Record<string, string> = { 'decoder/projection/weight': 'decoder/embeddings/weight' };
const shapes = new Map(golden.shapes.map(([name, dims], ordinal) => [name, { dims, ordinal }]));
const shapeOf = (name: string): { dims: number[]; ordinal: number } => shapes.get(aliases[name] ?? name)!;
const tensors: WhisperTensors = {
  heads: golden.sizes.heads,
  names: () => [...shapes.keys(), ...Object.keys(aliases)],
  nameInFile: (name) => name,
  dims: (name) => shapeOf(name).dims,
  tensor(name) {
    const { dims, ordinal } = shapeOf(name);
    const offset = name.endsWith('gamma') ? 1 : 0;
    const size = dims.reduce((product, dim) => product * dim, 1);
    return { dims, type: 'float32', data: numbers(ordinal, size).map((value) => Math.fround(value * amplitudeOf(name)) + offset) };
  },
  close: () => undefined,
};

const bias = numbers(2000, VOCABULARY).map((value) => value * 0.5);
for (const token of [2, 3]) bias[token] = -1e9;
bias[END] = 1;
const firstBias = bias.with(END, -1e9);
/** What `noise` must be drawn from for the formula's noise to come out. */
const noise = numbers(2001, VOCABULARY + NOISE_STRIDE * MAX_TOKENS).map((value) => value * 2);

describe.each([
  { floats: 'float32', tolerance: 2e-3 },
  { floats: 'float16', tolerance: 0.08 },
] as const)("Whisper's CUDA graphs in $floats on the CPU provider, against numpy", ({ floats, tolerance }) => {
  let folder: string;
  let model: WhisperCudaModel;
  let audio: HeardAudio;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'lectern-whisper-cuda-'));
    await writeGraphs(folder, floats);
    model = await openWhisperCudaModel(folder, { threads: 1 });
    const mel = new Float32Array(ROWS * MEL * 3000);
    for (let row = 0; row < ROWS; row++) mel.set(numbers(1000 + row, MEL * 3000), row * MEL * 3000);
    audio = await model.encode(mel, ROWS);
  });
  afterAll(async () => {
    await model.close();
    await rm(folder, { recursive: true });
  });

  const search = async (rows: readonly number[], beams: number): Promise<number[][]> => {
    const prompts = rows.map((row) => golden.prompts[row]!);
    const options = { prompts, beams, temperature: 0, random: Math.random, firstBias, bias };
    return (await model.search(model.selectRows(audio, rows), options, END)).map(({ tokens }) => tokens);
  };

  it('hears what the encoder of the reference hears', () => {
    const sampled = Array.from({ length: ROWS }, (_, row) => {
      const picked: number[] = [];
      for (let frame = 0; frame < 1500; frame += 199)
        for (let channel = 0; channel < WIDTH; channel += 17) picked.push(audio.hidden[(row * 1500 + frame) * WIDTH + channel]!);
      return picked;
    });
    expect(largestDifference(sampled.flat(), golden.hidden.flat())).toBeLessThan(tolerance);
  });

  it.each(Object.keys(golden.searches))(
    'finds the text that beam search with %s beams finds, side by side and one by one',
    async (beams) => {
      const wanted = golden.searches[beams]!;
      expect(await search([0, 1], Number(beams))).toEqual(wanted);
      expect(await search([1], Number(beams))).toEqual([wanted[1]]);
      expect(await search([1, 0, 1], Number(beams))).toEqual([wanted[1], wanted[0], wanted[1]]);
    },
  );

  it('says which text came to its end', async () => {
    const options = { prompts: golden.prompts, beams: 2, temperature: 0, random: Math.random, firstBias, bias };
    const found = await model.search(audio, options, END);
    expect(found.map(({ ended }) => ended)).toEqual(golden.searches['2']!.map((tokens) => tokens.length < MAX_TOKENS - 3));
  });

  it('draws what the noise makes likeliest', async () => {
    let drawn = 0;
    // Backwards through the Gumbel distribution, so that `search` makes the formula's noise of it.
    const random = (): number => Math.exp(-Math.exp(-noise[drawn++]!));
    const options = { prompts: golden.prompts, beams: 1, temperature: 0.6, random, firstBias, bias };
    const found = await model.search(audio, options, END);
    expect(found.map(({ tokens }) => tokens)).toEqual(golden.drawn);
  });

  it('is tried out as it is opened, and seen to run where it should', async () => {
    const tried = await openVerified(folder, { threads: 1, provider: 'cpu' }, END);
    expect((await tried.encode(new Float32Array(MEL * 3000), 1)).hidden).toHaveLength(1500 * WIDTH);
    await tried.close();
  });

  it('tells how likely given tokens are, what comes after a token, and what the alignment heads listened to', async () => {
    const { startLogits, logProbabilities } = await model.score(audio, golden.forced, 1, bias);
    expect(largestDifference([...startLogits], golden.startLogits.flat())).toBeLessThan(tolerance);
    expect(largestDifference([...logProbabilities], golden.logProbabilities.flat())).toBeLessThan(tolerance);
    const { qk } = await model.attend(audio, golden.forced);
    const sampled = [...qk].filter((_, index) => (index % 1500) % 499 === 0);
    expect(largestDifference(sampled, golden.qk.flat(2))).toBeLessThan(tolerance);
  });
});

async function writeGraphs(folder: string, floats: Floats): Promise<void> {
  const weights = new WhisperWeights(tensors);
  await buildEncoder(weights, floats).write(join(folder, 'encoder.onnx'));
  // What passes between the operator and its subgraphs is float32 here: its CPU kernel knows nothing else.
  await buildSearch(weights, floats, END, 'float32').write(join(folder, 'search.onnx'));
  await buildScorer(weights, floats, golden.alignmentHeads).write(join(folder, 'scorer.onnx'));
  const shape: WhisperShape = {
    layers: golden.sizes.layers,
    heads: golden.sizes.heads,
    headSize: WIDTH / golden.sizes.heads,
    melBins: MEL,
    vocabulary: VOCABULARY,
    maxTokens: MAX_TOKENS,
    quantized: false,
    alignmentHeads: golden.alignmentHeads,
  };
  await writeFile(join(folder, 'shape.json'), JSON.stringify(shape));
}

function largestDifference(actual: readonly number[], expected: readonly number[]): number {
  expect(actual).toHaveLength(expected.length);
  return actual.reduce((largest, value, index) => Math.max(largest, Math.abs(value - expected[index]!)), 0);
}
