import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseConfig } from '../../contracts/config.ts';
import { SAMPLE_RATE } from '../../contracts/media.ts';
import type { TranscribedWord } from '../../contracts/transcript.ts';
import { countWordErrors, wordErrorRate } from '../../eval/metrics/word-error-rate.ts';
import { seededRandom } from '../../inference/whisper/token-choice.ts';
import { openModelStore, toModelStoreOptions } from '../../inference/models/store.ts';
import type { SpeechDetector } from '../../inference/speech-detector.ts';
import type { Transcriber } from '../../inference/transcriber.ts';
import { openSileroDetector } from '../../inference/vad/silero.ts';
import { openTranscriber } from '../../inference/whisper/onnx-transcriber.ts';
import { measureWaveform } from '../../media/waveform.ts';
import { hearPieces, textOf } from '../inference/hear-pieces.ts';
import { pcmOf } from '../inference/pcm-array.ts';
import { DATA_FOLDER, DEMO_LECTURE, openWorkbench, type Workbench } from '../media/recordings.ts';
import { makeFloatWav } from './float-wav.ts';

/** Three sentences of the demo lecture, whole. */
const [FROM, UNTIL] = [91.2, 105.9];

interface TimedText {
  text: string;
  startSeconds: number;
  endSeconds: number;
}

let bench: Workbench;
let detector: SpeechDetector;
let transcriber: Transcriber;
let lecture: Float32Array;
let said: TimedText[];

beforeAll(async () => {
  bench = await openWorkbench();
  const config = parseConfig(process.env);
  const store = await openModelStore(toModelStoreOptions(config));
  detector = await openSileroDetector({ model: await store.ensure('silero-vad'), threads: 2 });
  const model = await store.ensure('whisper-base');
  transcriber = await openTranscriber({ model, cacheDir: config.LECTERN_CACHE, precision: 'int8', threads: 2 });
  lecture = await bench.decode(DEMO_LECTURE);
  const truth = JSON.parse(await readFile(join(import.meta.dirname, '../../demo/truth.json'), 'utf8')) as {
    turns: { words: TimedText[] }[];
  };
  said = truth.turns.flatMap(({ words }) => words);
});
afterAll(async () => {
  await Promise.all([detector?.close(), transcriber?.close(), bench?.close()]);
});

/** As the stack's stages do it: level, speech, pieces, words. */
async function hear(samples: Float32Array, language: string | null = null): Promise<TranscribedWord[]> {
  const pcm = Int16Array.from(samples, (sample) => Math.max(-32_768, Math.min(32_767, Math.round(sample * 32_768))));
  const chunks = (async function* () {
    yield new Uint8Array(pcm.buffer);
  })();
  const { loudnessDbfs } = await measureWaveform(chunks, pcm.length);
  const audio = pcmOf(Float32Array.from(pcm, (sample) => sample / 32_768));
  const speech = await detector.detect(audio, { loudnessDbfs });
  return (await hearPieces(transcriber, audio, speech, 300, language)).words;
}

function cut(startSeconds: number, endSeconds: number): Float32Array {
  return lecture.slice(Math.round(startSeconds * SAMPLE_RATE), Math.round(endSeconds * SAMPLE_RATE));
}

function wordsSaid(startSeconds: number, endSeconds: number): TimedText[] {
  return said.filter((word) => word.startSeconds >= startSeconds && word.endSeconds <= endSeconds);
}

function errorRate(reference: readonly TimedText[], heard: readonly TranscribedWord[]): number {
  return wordErrorRate([countWordErrors(textOf(reference), textOf(heard), 'en')])!;
}

async function remade(name: string, args: readonly string[]): Promise<Float32Array> {
  return bench.decode(await bench.make(name, ['-ss', `${FROM}`, '-t', `${UNTIL - FROM}`, '-i', DEMO_LECTURE, ...args]));
}

/** Every second has 40 samples that are no numbers, in its middle. */
function withoutNumbers(samples: Float32Array): Float32Array {
  const broken = samples.slice();
  const kinds = [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (let second = 0; (second + 1) * SAMPLE_RATE <= broken.length; second++) {
    broken.fill(kinds[second % kinds.length]!, (second + 0.5) * SAMPLE_RATE, (second + 0.5) * SAMPLE_RATE + 40);
  }
  return broken;
}

async function decodeWithoutNumbers(): Promise<Float32Array> {
  const path = join(bench.folder, 'nan.wav');
  await writeFile(path, makeFloatWav(withoutNumbers(cut(FROM, UNTIL)), SAMPLE_RATE));
  return bench.decode(path);
}

/** How the recording was spoilt, at most how many of its words may be wrong for it (clean: 5 %), and the recording. */
const SPOILT: [string, number, () => Promise<Float32Array>][] = [
  ['samples that are no numbers', 0.1, decodeWithoutNumbers],
  ['clipping of all but a twentieth of its range', 0.25, () => remade('clipped.wav', ['-af', 'volume=18dB'])],
  ['a telephone line', 0.1, () => remade('phone.wav', ['-af', 'highpass=f=300,lowpass=f=3400', '-ar', '8000', '-c:a', 'pcm_mulaw'])],
  ['a level of -60 dB at its peaks', 0.12, () => remade('quiet.wav', ['-af', 'volume=-54dB'])],
  ['a direct current', 0.1, async () => cut(FROM, UNTIL).map((sample) => sample / 2 + 0.4)],
];

describe('speech is heard through', () => {
  it.each(SPOILT)('%s', async (_, mayBeWrong, make) => {
    const samples = await make();
    expect(samples.length / SAMPLE_RATE).toBeCloseTo(UNTIL - FROM, 1);
    expect(errorRate(wordsSaid(FROM, UNTIL), await hear(samples))).toBeLessThanOrEqual(mayBeWrong);
  });
});

it('decodes samples that are no numbers as silence, not as the loudest click there is', async () => {
  const samples = await decodeWithoutNumbers();
  const loudest = (list: Float32Array): number => list.reduce((most, sample) => Math.max(most, Math.abs(sample)), 0);
  expect(loudest(samples)).toBeCloseTo(loudest(cut(FROM, UNTIL)), 2);
  expect(loudest(samples.subarray(0.5 * SAMPLE_RATE, 0.5 * SAMPLE_RATE + 40))).toBe(0);
});

describe('the edges of a recording', () => {
  it('cut off no word: one that begins with its first sample, one that ends with its last', async () => {
    const [first, , last] = wordsSaid(0, 3);
    const words = await hear(cut(first!.startSeconds, last!.endSeconds));
    expect(textOf(words).toLowerCase().replaceAll(/\W/g, '')).toBe('goodmorningeveryone');
    expect(words.at(-1)!.endSeconds).toBeLessThanOrEqual(last!.endSeconds - first!.startSeconds + 0.001);
  });

  it('may hold a single word', async () => {
    const word = wordsSaid(0, 3)[2]!;
    expect(textOf(await hear(cut(word.startSeconds - 0.05, word.endSeconds + 0.1))).toLowerCase()).toMatch(/^everyone\W*$/);
  });
});

describe('sound without speech has no words', () => {
  const tone = (seconds: number, hertz: number): Float32Array =>
    Float32Array.from({ length: seconds * SAMPLE_RATE }, (_, n) => 0.5 * Math.sin((2 * Math.PI * hertz * n) / SAMPLE_RATE));
  const noise = (seconds: number, level: number): Float32Array => {
    const random = seededRandom(7);
    return Float32Array.from({ length: seconds * SAMPLE_RATE }, () => level * (2 * random() - 1));
  };
  const blip = (): Float32Array => {
    const samples = new Float32Array(5 * SAMPLE_RATE);
    samples.set(tone(0.1, 700), 2 * SAMPLE_RATE);
    return samples;
  };
  it.each<[string, () => Float32Array]>([
    ['a blip of 0.1 s and nothing else', () => tone(0.1, 700)],
    ['a blip amid silence', blip],
    ['noise', () => noise(60, 0.1)],
    ['the noise of a silent sound card, though very quiet recordings are amplified', () => noise(60, 0.000_05)],
  ])('%s', async (_, make) => {
    expect(textOf(await hear(make()))).toBe('');
  });
});

/** A German sentence, where the machine has it. */
const GERMAN = join(DATA_FOLDER, 'asr/multilingual/test_de.wav');

describe('a recording in two languages', () => {
  it.skipIf(!existsSync(GERMAN))('has the words of both (skipped without ../shared/data)', async () => {
    const german = await bench.decode(GERMAN);
    const english = cut(59.5, 85.5);
    const pause = 3 * SAMPLE_RATE;
    const samples = new Float32Array(english.length + pause + german.length);
    samples.set(english);
    samples.set(german, english.length + pause);
    const words = await hear(samples);
    const change = english.length / SAMPLE_RATE + 1;
    const [first, second] = [words.filter((word) => word.endSeconds < change), words.filter((word) => word.startSeconds >= change)];
    expect(errorRate(wordsSaid(59.5, 85.5), first)).toBeLessThanOrEqual(0.1);
    expect(textOf(second)).toMatch(/hinter diesem Portal liegen.* Raum wurde als Leichenhal.* genutzt/);
  });
});

describe('a recording that repeats itself', () => {
  it('gives what it says, again and again, and nothing else', async () => {
    const [startSeconds, endSeconds] = [86.0, 92.0];
    const once = cut(startSeconds, endSeconds);
    const samples = new Float32Array(once.length * 5);
    for (let round = 0; round < 5; round++) samples.set(once, round * once.length);
    const words = await hear(samples, 'en');
    const spoken = new Set(
      textOf(words)
        .toLowerCase()
        .replaceAll(/[^a-z ]/g, '')
        .split(' '),
    );
    expect(words.length).toBeGreaterThan(30);
    expect(spoken.size).toBeLessThan(25);
    for (const [index, word] of words.entries()) expect(word.startSeconds).toBeGreaterThanOrEqual(words[index - 1]?.startSeconds ?? 0);
  }, 400_000);
});
