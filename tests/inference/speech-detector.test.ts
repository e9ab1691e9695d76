import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseConfig } from '../../contracts/config.ts';
import { openModelStore, toModelStoreOptions, type ModelFiles } from '../../inference/models/store.ts';
import { startEngine } from '../../inference/onnx/worker-host.ts';
import type { SpeechDetector } from '../../inference/speech-detector.ts';
import { emptySileroState, type SileroEngine } from '../../inference/vad/silero-engine.ts';
import { openSileroDetector } from '../../inference/vad/silero.ts';
import { DEMO_LECTURE, openWorkbench } from '../media/recordings.ts';
import { pcmOf } from './pcm-array.ts';
import { syntheticVoice } from './synthetic-voice.ts';

interface Golden {
  seconds: number;
  probabilities: number[];
}

let model: ModelFiles;
let detector: SpeechDetector;

beforeAll(async () => {
  model = await (await openModelStore(toModelStoreOptions(parseConfig(process.env)))).ensure('silero-vad');
  detector = await openSileroDetector({ model, threads: 2 });
});
afterAll(() => detector.close());

describe('silero in its worker', () => {
  it('gives the probabilities that Python gives, in any lane', async () => {
    const golden = JSON.parse(await readFile(join(import.meta.dirname, '../golden/silero.json'), 'utf8')) as Golden;
    const lane = new Float32Array(64 + golden.seconds * 16_000);
    lane.set(syntheticVoice(golden.seconds), 64);
    const audio = new Float32Array(2 * lane.length);
    audio.set(lane);
    audio.set(lane, lane.length);
    const engine = await startEngine<SileroEngine>(new URL('../../inference/vad/silero-engine.ts', import.meta.url), {
      modelPath: model.path('silero_vad.onnx'),
    });
    const { probabilities } = await engine.run({ audio, lanes: 2, state: emptySileroState(2) });
    await engine.close();
    const expected = [...golden.probabilities, ...golden.probabilities];
    expect(probabilities).toHaveLength(expected.length);
    const worst = expected.reduce((error, value, index) => Math.max(error, Math.abs(value - probabilities[index]!)), 0);
    expect(worst).toBeLessThan(1e-3);
  });
});

describe('openSileroDetector', () => {
  it('finds the speech of the demo lecture, long enough for lanes, and tells of progress', async () => {
    const bench = await openWorkbench();
    const samples = await bench.decode(DEMO_LECTURE);
    await bench.close();
    const progress: number[] = [];
    const spans = await detector.detect(pcmOf(samples), { onProgress: (seconds) => progress.push(seconds) });
    const truth = JSON.parse(await readFile(join(import.meta.dirname, '../../demo/truth.json'), 'utf8')) as {
      turns: { words: { startSeconds: number; endSeconds: number }[] }[];
    };
    const middles = truth.turns.flatMap(({ words }) => words.map((word) => (word.startSeconds + word.endSeconds) / 2));
    const held = middles.filter((middle) => spans.some((span) => span.startSeconds <= middle && middle <= span.endSeconds));
    expect(held.length / middles.length).toBeGreaterThan(0.995);
    expect(progress).toEqual(progress.toSorted((a, b) => a - b));
    expect(progress.at(-1)).toBeCloseTo(samples.length / 16_000, 3);
  });

  it('finds nothing in silence, in hum and in nothing', async () => {
    const hum = Float32Array.from({ length: 160_000 }, (_, n) => 0.2 * Math.sin((2 * Math.PI * 50 * n) / 16_000));
    for (const samples of [new Float32Array(160_000), hum, new Float32Array(0)]) {
      expect(await detector.detect(pcmOf(samples))).toEqual([]);
    }
  });

  it('stops when told to', async () => {
    const stopping = detector.detect(pcmOf(syntheticVoice(30)), { signal: AbortSignal.abort(new Error('enough')) });
    await expect(stopping).rejects.toThrow('enough');
  });
});
