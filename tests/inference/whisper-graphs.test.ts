import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { parseConfig } from '../../contracts/config.ts';
import type { Precision } from '../../inference/graphs/linear.ts';
import type { EncodedAudio, WhisperModel } from '../../inference/graphs/whisper-interface.ts';
import {
  createWhisperModel,
  openWhisperSessions,
  releaseWhisperSessions,
  type WhisperSessions,
} from '../../inference/graphs/whisper-model.ts';
import { buildWhisperGraphs, WHISPER_GRAPH_BUILDER_VERSION } from '../../inference/graphs/whisper.ts';
import { openModelStore, toModelStoreOptions } from '../../inference/models/store.ts';
import { ensureGraph } from '../../inference/onnx/graph-cache.ts';
import { CrossTensors } from '../../inference/graphs/whisper-audio.ts';
import { alignTokens } from '../../inference/whisper/word-alignment.ts';

interface Golden {
  mel: { low: number; high: number; frames: number; codes: string };
  cross: Record<'cross_key_0' | 'cross_value_0' | 'cross_key_5' | 'cross_value_5', number[][][]>;
  prompt: number[];
  greedy: number[];
  noSpeechProbability: number;
  languages: [string, number][];
  tokenProbabilities: number[];
  alignment: [token: number, frame: number][];
}

const SOT = 50_258;
const EOT = 50_257;
const ENGLISH = 50_259;
const LANGUAGES = 99;
const NO_SPEECH = 50_362;

const golden = JSON.parse(await readFile(join(import.meta.dirname, '../golden/whisper-graphs.json'), 'utf8')) as Golden;

async function open(precision: Precision): Promise<WhisperSessions> {
  const config = parseConfig(process.env);
  const files = await (await openModelStore(toModelStoreOptions(config))).ensure('whisper-base');
  const id = { model: 'whisper-base', revision: files.identity.revision, precision, builder: WHISPER_GRAPH_BUILDER_VERSION };
  const dir = await ensureGraph(config.LECTERN_CACHE, id, (out) => buildWhisperGraphs(dirname(files.path('model.bin')), precision, out));
  return openWhisperSessions(dir, { threads: 2 });
}

/** The golden window: the first frames of the demo lecture in 8 bits, then silence. */
function goldenMel(): Float32Array {
  const { low, high, frames, codes } = golden.mel;
  const bytes = Buffer.from(codes, 'base64');
  const mel = new Float32Array(80 * 3000).fill(low);
  for (const [index, code] of bytes.entries()) {
    mel[Math.floor(index / frames) * 3000 + (index % frames)] = (code / 255) * (high - low) + low;
  }
  return mel;
}

function softmax(logits: Float32Array): Float64Array {
  const highest = logits.reduce((a, b) => Math.max(a, b), -Infinity);
  const powers = Float64Array.from(logits, (logit) => Math.exp(logit - highest));
  const sum = powers.reduce((a, b) => a + b, 0);
  return powers.map((power) => power / sum);
}

function argmax(values: Float32Array): number {
  return values.reduce((best, value, index) => (value > (values[best] ?? -Infinity) ? index : best), 0);
}

async function decodeGreedily(model: WhisperModel, audio: EncodedAudio, rows: number): Promise<number[][]> {
  const { state, logits } = await model.start(
    audio,
    Array.from({ length: rows }, () => golden.prompt),
  );
  const { vocabulary } = model.shape;
  const texts: number[][] = Array.from({ length: rows }, () => []);
  let last = logits;
  while ((texts[0]?.length ?? 0) < golden.greedy.length + 1) {
    const chosen = texts.map((_, row) => argmax(last.data.subarray(row * vocabulary, (row + 1) * vocabulary)));
    for (const [row, token] of chosen.entries()) texts[row]?.push(token);
    last = await model.step(state, chosen);
  }
  return texts;
}

function largestDifference(actual: readonly number[], expected: readonly number[]): number {
  expect(actual).toHaveLength(expected.length);
  return actual.reduce((worst, value, index) => Math.max(worst, Math.abs(value - (expected[index] ?? NaN))), 0);
}

/** Length of the difference over length of what is expected. */
function relativeError(actual: readonly number[], expected: readonly number[]): number {
  const length = (values: readonly number[]): number => Math.hypot(...values);
  return length(expected.map((value, index) => value - (actual[index] ?? NaN))) / length(expected);
}

describe.each<{ precision: Precision; cross: number; probability: number }>([
  { precision: 'fp32', cross: 1e-4, probability: 2e-3 },
  { precision: 'int8', cross: 0.15, probability: 0.12 },
])('Whisper base in $precision against CTranslate2 in float32', ({ precision, cross, probability }) => {
  let sessions: WhisperSessions;
  let model: WhisperModel;
  let audio: EncodedAudio;
  beforeAll(async () => {
    sessions = await open(precision);
    model = createWhisperModel(sessions);
  });
  // An encoding is good until the next.
  beforeEach(async () => {
    audio = await model.encode(goldenMel(), 1);
  });
  afterAll(() => releaseWhisperSessions(sessions));

  test('cross-attention keys and values of the first and last layer', () => {
    expect(audio).toBeInstanceOf(CrossTensors);
    const tensors = (audio as CrossTensors).tensors();
    for (const layer of [0, 5]) {
      for (const kind of ['key', 'value'] as const) {
        const [data, scale] = [tensors.get(`cross_${kind}_${layer}`), tensors.get(`cross_${kind}_${layer}_scale`)];
        const at = (frame: number, head: number, channel: number): number =>
          (data?.[(head * 1500 + frame) * 64 + channel] ?? NaN) * (precision === 'int8' ? (scale?.[head * 64 + channel] ?? NaN) : 1);
        const expected = golden.cross[`cross_${kind}_${layer as 0 | 5}`];
        const actual = expected.map((heads, f) => heads.map((row, h) => row.map((_, c) => at(f * 97, h * 7, c * 9))));
        expect(relativeError(actual.flat(2), expected.flat(2)), `${kind} ${layer}`).toBeLessThan(cross);
      }
    }
  });

  test('language and no-speech probabilities from the first token', async () => {
    const { logits } = await model.start(audio, [[SOT]]);
    const languages = softmax(logits.data.slice(ENGLISH, ENGLISH + LANGUAGES));
    expect(Math.abs((languages[0] ?? 0) - (golden.languages[0]?.[1] ?? 0))).toBeLessThan(probability);
    const prompted = await model.start(audio, [golden.prompt], [0, golden.prompt.length - 1]);
    expect(prompted.logits.dims).toEqual([1, 2, model.shape.vocabulary]);
    const noSpeech = softmax(prompted.logits.data.slice(0, model.shape.vocabulary))[NO_SPEECH] ?? 0;
    expect(Math.abs(noSpeech - golden.noSpeechProbability)).toBeLessThan(probability);
  });

  test('greedy decoding, alone, as beams that share their audio, and beside another window', async () => {
    const expected = [...golden.greedy, EOT];
    expect(await decodeGreedily(model, audio, 1)).toEqual([expected]);
    expect(await decodeGreedily(model, audio, 3)).toEqual([expected, expected, expected]);
    const silence = new Float32Array(80 * 3000).fill(golden.mel.low);
    const both = await model.encode(Float32Array.from([...silence, ...goldenMel()]), 2);
    expect((await decodeGreedily(model, both, 2))[1]).toEqual(expected);
    expect(await decodeGreedily(model, model.selectAudio(both, [1]), 1)).toEqual([expected]);
  });

  test('token probabilities and times of a teacher-forced text', async () => {
    const tokens = [...golden.prompt, ...golden.greedy, EOT];
    const qk = await model.align(model.selectAudio(audio, [0, 0]), [tokens, tokens]);
    const start = golden.prompt.length - 1;
    const rows = golden.greedy.map((_, index) => start + index);
    const { logits } = await model.start(audio, [tokens], rows);
    const { vocabulary } = model.shape;
    // CTranslate2 leaves special tokens out of the sum.
    const text = rows.map(
      (at, index) => softmax(logits.data.subarray(index * vocabulary, index * vocabulary + EOT))[tokens[at + 1] ?? 0] ?? 0,
    );
    expect(largestDifference(text, golden.tokenProbabilities)).toBeLessThan(probability);
    expect(qk.dims).toEqual([2, 8, tokens.length, 1500]);
    const scores = { scores: qk.data.subarray(qk.data.length / 2), heads: 8, tokens: tokens.length, columns: 1500 };
    const starts = [...alignTokens(scores, golden.mel.frames / 2, start, tokens.length - 1)];
    const expected = starts.map((_, token) => golden.alignment.find(([t]) => t === token)?.[1] ?? NaN);
    expect(largestDifference(starts, expected), starts.join()).toBeLessThanOrEqual(2);
  });

  test('rows that are dropped, moved or doubled go on as they were', async () => {
    const other = golden.prompt.with(1, ENGLISH + 2);
    const { state } = await model.start(audio, [golden.prompt, other, golden.prompt, other]);
    const first = golden.greedy[0] ?? 0;
    model.keepRows(state, [1, 2, 2]);
    const kept = (await model.step(state, [first, first, first])).data.slice();
    const { state: alone } = await model.start(audio, [golden.prompt]);
    const single = await model.step(alone, [first]);
    const { vocabulary } = model.shape;
    for (const row of [1, 2]) {
      const difference = largestDifference([...kept.subarray(row * vocabulary, (row + 1) * vocabulary)], [...single.data]);
      expect(difference).toBeLessThan(precision === 'fp32' ? 1e-3 : 3);
    }
    expect({ rows: state.rows, tokens: state.tokens }).toEqual({ rows: 3, tokens: 5 });
  });
});
