import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseConfig } from '../../contracts/config.ts';
import type { Segment, Span } from '../../contracts/transcript.ts';
import { alignSequences } from '../../eval/metrics/sequence-alignment.ts';
import { countWordErrors, wordErrorRate } from '../../eval/metrics/word-error-rate.ts';
import { openModelStore, toModelStoreOptions } from '../../inference/models/store.ts';
import type { SpeechDetector } from '../../inference/speech-detector.ts';
import type { Transcriber, TranscribeOutput } from '../../inference/transcriber.ts';
import { openSileroDetector } from '../../inference/vad/silero.ts';
import { openTranscriber } from '../../inference/whisper/onnx-transcriber.ts';
import { DATA_FOLDER, DEMO_LECTURE, openWorkbench } from '../media/recordings.ts';
import { hearPieces, textOf } from './hear-pieces.ts';
import { pcmOf } from './pcm-array.ts';

interface TimedText {
  text: string;
  startSeconds: number;
  endSeconds: number;
}

const TESTS = join(import.meta.dirname, '..');

async function readJson(path: string): Promise<unknown> {
  return JSON.parse(await readFile(join(TESTS, path), 'utf8'));
}

const truth = (await readJson('../demo/truth.json')) as { turns: { startSeconds: number; endSeconds: number; words: TimedText[] }[] };
const golden = (await readJson('golden/word-times.json')) as { words: [string, number, number][] };
const trueWords = truth.turns.flatMap(({ words }) => words);
const fasterWhisper = golden.words.map(([text, startSeconds, endSeconds]): TimedText => ({ text, startSeconds, endSeconds }));

/** Sentences as a detector would cut them: at pauses of the truth. */
const speech: Span[] = [];
for (const { startSeconds, endSeconds } of trueWords) {
  const last = speech.at(-1);
  if (last !== undefined && startSeconds - last.endSeconds < 0.3) last.endSeconds = endSeconds + 0.2;
  else speech.push({ startSeconds: Math.max(last?.endSeconds ?? 0, startSeconds - 0.2), endSeconds: endSeconds + 0.2 });
}

let lecture: Float32Array;
let transcriber: Transcriber;
let output: TranscribeOutput;
const progress: number[] = [];

beforeAll(async () => {
  const config = parseConfig(process.env);
  const model = await (await openModelStore(toModelStoreOptions(config))).ensure('whisper-base');
  const bench = await openWorkbench();
  lecture = await bench.decode(DEMO_LECTURE);
  await bench.close();
  transcriber = await openTranscriber({ model, cacheDir: config.LECTERN_CACHE, precision: 'int8', threads: 2 });
  output = await transcriber.transcribe(pcmOf(lecture), { language: null, speech, onProgress: (seconds) => progress.push(seconds) });
});
afterAll(() => transcriber.close());

async function openDetector(): Promise<SpeechDetector> {
  const store = await openModelStore(toModelStoreOptions(parseConfig(process.env)));
  return openSileroDetector({ model: await store.ensure('silero-vad'), threads: 2 });
}

function wordsOf(segments: readonly Segment[]): TimedText[] {
  return segments.flatMap(({ words }) => words);
}

function errorRate(words: readonly TimedText[]): number {
  return wordErrorRate([countWordErrors(textOf(trueWords), textOf(words), 'en')])!;
}

function lettersOf(word: TimedText): string {
  return word.text.toLowerCase().replaceAll(/[^\p{L}\p{N}]/gu, '');
}

/** Median distance in seconds between the starts of words that both sides have. */
function medianStartDistance(a: readonly TimedText[], b: readonly TimedText[]): number {
  const pairs = alignSequences(a.map(lettersOf), b.map(lettersOf));
  const distances = pairs.flatMap(({ reference, hypothesis }) => {
    if (reference === null || hypothesis === null || lettersOf(a[reference]!) !== lettersOf(b[hypothesis]!)) return [];
    return [Math.abs(a[reference]!.startSeconds - b[hypothesis]!.startSeconds)];
  });
  return distances.toSorted((x, y) => x - y)[distances.length >> 1]!;
}

describe('the demo lecture', () => {
  it('is found to be English', () => {
    expect(output.language).toBe('en');
    expect(output.languageProbability).toBeGreaterThan(0.8);
  });

  it('is heard as rightly as by faster-whisper with the same weights at beam 1, within a point', () => {
    expect(errorRate(wordsOf(output.segments))).toBeLessThanOrEqual(errorRate(fasterWhisper) + 0.01);
  });

  it('has its words when they are said: within 100 ms of the truth, and of faster-whisper, in the median', () => {
    const words = wordsOf(output.segments);
    expect(medianStartDistance(trueWords, words)).toBeLessThan(0.1);
    expect(medianStartDistance(fasterWhisper, words)).toBeLessThan(0.1);
  });

  it('has words in order, inside speech, in segments that hold them', () => {
    let last = 0;
    for (const segment of output.segments) {
      expect(segment.startSeconds).toBe(segment.words[0]!.startSeconds);
      expect(segment.endSeconds).toBe(segment.words.at(-1)!.endSeconds);
      for (const word of segment.words) {
        expect(word.startSeconds).toBeGreaterThanOrEqual(last - 0.021);
        expect(word.endSeconds).toBeGreaterThanOrEqual(word.startSeconds);
        expect(word.text).toBe(word.text.trim());
        last = word.startSeconds;
      }
    }
  });

  it('tells how far it is', () => {
    expect(progress).toEqual(progress.toSorted((a, b) => a - b));
    const seconds = speech.reduce((sum, span) => sum + span.endSeconds - span.startSeconds, 0);
    expect(progress.at(-1)).toBeCloseTo(seconds, 1);
  });
});

describe('speech that Whisper passes over', () => {
  it('is heard again: a second speaker who begins where the clip ends', async () => {
    const clip = pcmOf(lecture.slice(60 * 16_000, 70 * 16_000));
    const detector = await openDetector();
    const heard = await transcriber.transcribe(clip, { language: null, speech: await detector.detect(clip) });
    await detector.close();
    const words = wordsOf(heard.segments);
    expect(words.map((word) => word.text.toLowerCase().replaceAll(/\W/g, '')).join(' ')).toMatch(
      /is overhead excuse me i have a( question)?$/,
    );
    expect(words.at(-1)!.endSeconds).toBeLessThanOrEqual(10);
  });
});

/** A chapter read aloud, where the machine has it. */
const CHAPTER = join(DATA_FOLDER, 'asr/long/LJ001_chapter_excerpt.flac');
const NEAR_SECONDS = 3;
/** Several hearings of minutes, on a machine that may do other things. */
const MINUTES = 400_000;

describe('a recording in pieces', () => {
  it(
    'has the same words wherever it is cut: none lost or doubled at a seam, all in order',
    async () => {
      expect(await faultsOfPieces(lecture.slice(0, 110 * 16_000), [40, 45, 50])).toEqual([]);
    },
    MINUTES,
  );

  it.skipIf(!existsSync(CHAPTER))(
    'has the same words of a real chapter (skipped without ../shared/data)',
    async () => {
      const bench = await openWorkbench();
      const chapter = await bench.decode(CHAPTER);
      await bench.close();
      expect(await faultsOfPieces(chapter.slice(0, 100 * 16_000), [40, 45])).toEqual([]);
    },
    MINUTES,
  );
});

/** What is wrong when a recording is cut, as `detectSpeech` does, into pieces of these lengths, whose cuts lie seconds apart. */
async function faultsOfPieces(samples: Float32Array, lengthsSeconds: readonly number[]): Promise<string[]> {
  const audio = pcmOf(samples);
  const detector = await openDetector();
  const spans = await detector.detect(audio);
  await detector.close();
  const whole = (await hearPieces(transcriber, audio, spans, samples.length)).words;
  const faults: string[] = [];
  for (const length of lengthsSeconds) {
    const { pieces, words } = await hearPieces(transcriber, audio, spans, length);
    const seams = pieces.slice(1).map(({ startSeconds }) => startSeconds);
    if (seams.length === 0) faults.push(`not cut into ${length} s`);
    const rate = wordErrorRate([countWordErrors(textOf(whole), textOf(words), 'en')])!;
    if (rate > 0.01) faults.push(`${(rate * 100).toFixed(1)} % other words in pieces of ${length} s`);
    for (const [index, word] of words.entries()) {
      if (word.startSeconds < (words[index - 1]?.startSeconds ?? 0)) faults.push(`"${word.text}" goes back`);
    }
    for (const seam of seams) faults.push(...lostOrDoubled(whole, words, seam).map((text) => `"${text}" lost or doubled at ${seam} s`));
  }
  return faults;
}

/** Words near a seam that only one of the sides has. */
function lostOrDoubled(whole: readonly TimedText[], words: readonly TimedText[], seamSeconds: number): string[] {
  const pairs = alignSequences(whole.map(lettersOf), words.map(lettersOf));
  const alone = pairs.flatMap(({ reference, hypothesis }) => {
    if (reference === null) return [words[hypothesis!]!];
    return hypothesis === null ? [whole[reference]!] : [];
  });
  return alone.filter(({ startSeconds }) => Math.abs(startSeconds - seamSeconds) < NEAR_SECONDS).map(({ text }) => text);
}

describe('openTranscriber', () => {
  it('hears one second', async () => {
    const { startSeconds, endSeconds } = trueWords[1]!;
    const clip = lecture.slice(Math.floor((startSeconds - 0.1) * 16_000), Math.ceil((endSeconds + 0.2) * 16_000));
    const span = { startSeconds: 0, endSeconds: clip.length / 16_000 };
    const result = await transcriber.transcribe(pcmOf(clip), { language: 'en', speech: [span] });
    expect(wordsOf(result.segments).map((word) => word.text.toLowerCase().replaceAll(/\W/g, ''))).toContain('morning');
    expect(result.languageProbability).toBe(1);
  });

  it('gives the same words for the same audio', async () => {
    const options = { language: 'en', speech: speech.slice(0, 3) };
    const [first, second] = [await transcriber.transcribe(pcmOf(lecture), options), await transcriber.transcribe(pcmOf(lecture), options)];
    expect(second).toEqual(first);
  });

  it('says nothing where nobody speaks', async () => {
    const silence = pcmOf(new Float32Array(160_000));
    expect((await transcriber.transcribe(silence, { language: null, speech: [] })).segments).toEqual([]);
    const claimed = await transcriber.transcribe(silence, { language: 'en', speech: [{ startSeconds: 0, endSeconds: 10 }] });
    expect(wordsOf(claimed.segments).length).toBeLessThan(4);
  });

  it('refuses a language that it does not know, and names those it does', async () => {
    const refused = transcriber.transcribe(pcmOf(lecture), { language: 'tlh', speech });
    await expect(refused).rejects.toMatchObject({ kind: 'invalid-input', cure: expect.stringContaining('de, es') as string });
    expect(transcriber.languages).toHaveLength(99);
  });

  it('stops when told to', async () => {
    const stopping = transcriber.transcribe(pcmOf(lecture), { language: 'en', speech, signal: AbortSignal.abort(new Error('enough')) });
    await expect(stopping).rejects.toThrow('enough');
  });
});
