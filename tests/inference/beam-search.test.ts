import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { parseConfig } from '../../contracts/config.ts';
import { countWordErrors, wordErrorRate } from '../../eval/metrics/word-error-rate.ts';
import { openModelStore, toModelStoreOptions } from '../../inference/models/store.ts';
import type { Transcriber } from '../../inference/transcriber.ts';
import { openTranscriber } from '../../inference/whisper/onnx-transcriber.ts';
import { DEMO_LECTURE, openWorkbench } from '../media/recordings.ts';
import { pcmOf } from './pcm-array.ts';

interface Clip {
  startSeconds: number;
  endSeconds: number;
  text: string;
}

const clips = JSON.parse(await readFile(join(import.meta.dirname, '../golden/beam-search.json'), 'utf8')) as Clip[];

let lecture: Float32Array;
let transcriber: Transcriber;

beforeAll(async () => {
  const config = parseConfig(process.env);
  const model = await (await openModelStore(toModelStoreOptions(config))).ensure('whisper-base');
  const bench = await openWorkbench();
  lecture = await bench.decode(DEMO_LECTURE);
  await bench.close();
  transcriber = await openTranscriber({ model, cacheDir: config.LECTERN_CACHE, precision: 'int8', threads: 2, beamWidth: 5 });
});
afterAll(() => transcriber.close());

it('hears with five beams what CTranslate2 does: most turns word for word, all within a few words', { timeout: 300_000 }, async () => {
  const errors = [];
  for (const { startSeconds, endSeconds, text } of clips) {
    const { segments } = await transcriber.transcribe(pcmOf(lecture), { language: 'en', speech: [{ startSeconds, endSeconds }] });
    const words = segments.flatMap((segment) => segment.words);
    for (const word of words) expect(word.endSeconds).toBeGreaterThanOrEqual(word.startSeconds);
    errors.push(countWordErrors(text, words.map((word) => word.text).join(' '), 'en'));
  }
  const equal = errors.filter(({ substitutions, deletions, insertions }) => substitutions + deletions + insertions === 0);
  expect(equal.length).toBeGreaterThan(clips.length / 2);
  expect(wordErrorRate(errors)).toBeLessThan(0.05);
});

it('keeps what beams heard apart from what greedy decoding does', () => {
  expect(transcriber.model).toMatchObject({ precision: 'int8', decoding: 'beam 5' });
});
