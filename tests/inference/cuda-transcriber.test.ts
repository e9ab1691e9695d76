import { dirname } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseConfig } from '../../contracts/config.ts';
import type { Segment } from '../../contracts/transcript.ts';
import { countWordErrors, wordErrorRate } from '../../eval/metrics/word-error-rate.ts';
import { openModelStore, toModelStoreOptions } from '../../inference/models/store.ts';
import type { Transcriber } from '../../inference/transcriber.ts';
import { openCudaTranscriber } from '../../inference/whisper-cuda/cuda-transcriber.ts';
import { toContext } from '../../inference/whisper-cuda/vocabulary-prompt.ts';
import { readWhisperLanguage } from '../../inference/whisper/whisper-folder.ts';
import { DEMO_LECTURE, openWorkbench } from '../media/recordings.ts';
import { pcmOf } from './pcm-array.ts';

const SAMPLE_RATE = 16_000;
/** Of the demo lecture, which one voice and then another speak. */
const CLIP_SECONDS = 40;

let lecture: Float32Array;
let transcriber: Transcriber;
let modelDir: string;

beforeAll(async () => {
  const config = parseConfig(process.env);
  const model = await (await openModelStore(toModelStoreOptions(config))).ensure('whisper-base');
  modelDir = dirname(model.path('config.json'));
  const bench = await openWorkbench();
  lecture = await bench.decode(DEMO_LECTURE);
  await bench.close();
  transcriber = await openCudaTranscriber({ model, cacheDir: config.LECTERN_CACHE, provider: 'cpu', threads: 2 });
}, 300_000);
afterAll(() => transcriber.close());

const textOf = (segments: readonly Segment[]): string => segments.flatMap(({ words }) => words.map((word) => word.text)).join(' ');

/** Windows of `seconds` each: spans that long do not share one. */
async function transcribe(seconds: number): Promise<Segment[]> {
  const speech = Array.from({ length: CLIP_SECONDS / seconds }, (_, index) => ({
    startSeconds: index * seconds,
    endSeconds: (index + 1) * seconds,
  }));
  const audio = pcmOf(lecture.subarray(0, CLIP_SECONDS * SAMPLE_RATE));
  const { segments, language } = await transcriber.transcribe(audio, { language: null, speech });
  expect(language).toBe('en');
  return segments;
}

describe('the graphs with the loop inside, base in float32 on the CPU provider', () => {
  it('hear the demo lecture as it was spoken, with words in order and in their window', async () => {
    const truth = (await import('../../demo/truth.json', { with: { type: 'json' } })).default as {
      turns: { words: { text: string; startSeconds: number; endSeconds: number }[] }[];
    };
    const spoken = truth.turns.flatMap(({ words }) => words).filter(({ endSeconds }) => endSeconds < CLIP_SECONDS);
    const segments = await transcribe(20);
    const rate = wordErrorRate([countWordErrors(spoken.map((word) => word.text).join(' '), textOf(segments), 'en')])!;
    expect(rate, textOf(segments)).toBeLessThan(0.08);
    let last = 0;
    for (const word of segments.flatMap(({ words }) => words)) {
      expect(word.startSeconds).toBeGreaterThanOrEqual(last - 0.021);
      expect(word.endSeconds).toBeGreaterThanOrEqual(word.startSeconds);
      last = word.startSeconds;
    }
  });

  it('take the terms of a course as what was said before', async () => {
    const { tokenizer } = await readWhisperLanguage(modelDir);
    expect(toContext([], tokenizer)).toEqual([]);
    const context = toContext(['Lectern', 'Temporal'], tokenizer);
    expect(context[0]).toBe(50_361);
    expect(tokenizer.decode(context)).toBe(' Lectern, Temporal');
    const many = toContext(
      Array.from({ length: 200 }, (_, index) => `Term number ${index}`),
      tokenizer,
    );
    expect(many.length).toBeLessThanOrEqual(224);
  });
});
