import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { SAMPLE_RATE } from '../../contracts/media.ts';
import { countDiarizationErrors, diarizationErrorRate } from '../../eval/metrics/diarization-error-rate.ts';
import { parseRttm } from '../../eval/speech/rttm.ts';
import type { Diarization } from '../../contracts/transcript.ts';
import type { Diarizer } from '../../inference/diarizer.ts';
import type { PcmSource } from '../../inference/pcm-source.ts';
import { DEMO_LECTURE, openWorkbench, type Workbench } from '../media/recordings.ts';
import { openDefaultDiarizer } from './default-diarizer.ts';

const NOBODY = { method: 'clusters', speakers: [], turns: [], exclusiveTurns: [] };

let diarizer: Diarizer;
let workbench: Workbench;
let lecture: Float32Array;

beforeAll(async () => {
  diarizer = await openDefaultDiarizer();
  workbench = await openWorkbench();
  lecture = await workbench.decode(DEMO_LECTURE);
});
afterAll(async () => {
  await diarizer.close();
  await workbench.close();
});

function source(samples: Float32Array): PcmSource {
  return { totalSamples: samples.length, read: (start, count) => Promise.resolve(samples.slice(start, start + count)) };
}

/** A minute in which lecturer and first questioner speak. */
function excerpt(): Float32Array {
  return lecture.slice(40 * SAMPLE_RATE, 100 * SAMPLE_RATE);
}

// Six minutes of audio take a quarter of a minute on two free cores; a busy machine gets more.
test('the demo lecture: a lecturer and two questioners, within 8 % of the truth', { timeout: 300_000 }, async () => {
  const done: number[] = [];
  const found = await diarizer.diarize(source(lecture), { onProgress: (seconds) => done.push(seconds) });
  const truth = parseRttm(await readFile(join(DEMO_LECTURE, '../lecture.rttm'), 'utf8'));
  expect(found.speakers).toEqual(['S1', 'S2', 'S3']);
  expect(diarizationErrorRate([countDiarizationErrors(truth, found.turns)])).toBeLessThan(0.08);
  expect(done).toEqual(done.toSorted((a, b) => a - b));
  expect(done.at(-1)).toBe(lecture.length / SAMPLE_RATE);
});

test('a given number of speakers is kept', async () => {
  const one = await diarizer.diarize(source(excerpt()), { speakers: { exact: 1 } });
  expect(one.speakers).toEqual(['S1']);
  const atLeast = await diarizer.diarize(source(excerpt()), { speakers: { min: 2, max: 3 } });
  expect(atLeast.speakers.length).toBeGreaterThanOrEqual(2);
});

describe('where nobody speaks, nobody is found', () => {
  test.each([
    ['nothing at all', 0],
    ['one sample', 1],
    ['a second of silence', SAMPLE_RATE],
    ['half a minute of silence', 30 * SAMPLE_RATE],
  ])('%s', async (_, samples) => {
    expect(await diarizer.diarize(source(new Float32Array(samples)))).toEqual(NOBODY);
  });

  test('noise', async () => {
    const path = await workbench.make('noise.wav', ['-f', 'lavfi', '-i', 'anoisesrc=color=pink:amplitude=0.3:seed=7', '-t', '25']);
    expect(await diarizer.diarize(source(await workbench.decode(path)))).toEqual(NOBODY);
  });

  test('a chord', async () => {
    const chord = 'sine=frequency=220[a];sine=frequency=277[b];sine=frequency=330[c];[a][b][c]amix=inputs=3';
    const path = await workbench.make('chord.wav', ['-f', 'lavfi', '-i', chord, '-t', '25']);
    expect(await diarizer.diarize(source(await workbench.decode(path)))).toEqual(NOBODY);
  });
});

describe('the two of the excerpt are told apart', () => {
  let clear: Diarization;
  beforeAll(async () => {
    clear = await diarizer.diarize(source(excerpt()));
  });

  const phone = async (): Promise<Float32Array> => {
    const filters = ['-af', 'highpass=300,lowpass=3400', '-ar', '8000', '-c:a', 'pcm_mulaw'];
    const path = await workbench.make('phone.wav', ['-ss', '40', '-t', '60', '-i', DEMO_LECTURE, ...filters]);
    return (await workbench.decode(path)).slice(0, excerpt().length);
  };
  test.each([
    ['on a telephone', phone],
    ['when the recording is clipped', () => excerpt().map((value) => Math.max(-1, Math.min(1, 20 * value)))],
    ['when it is hardly to be heard', () => excerpt().map((value) => Math.round(value * 300) / 32_768)],
  ])('%s', async (_, make) => {
    const found = await diarizer.diarize(source(await make()));
    expect(found.speakers).toEqual(['S1', 'S2']);
    expect(diarizationErrorRate([countDiarizationErrors(clear.turns, found.turns)])).toBeLessThan(0.12);
  });
});

test('one word has one speaker', async () => {
  const word = new Float32Array(3 * SAMPLE_RATE);
  word.set(lecture.slice(2 * SAMPLE_RATE, 2.6 * SAMPLE_RATE), SAMPLE_RATE);
  const { speakers, turns } = await diarizer.diarize(source(word));
  expect(speakers).toEqual(['S1']);
  expect(turns).toHaveLength(1);
});

test('samples that are not numbers spoil nothing but their moment', async () => {
  const broken = excerpt();
  for (let index = 0; index < broken.length; index += 40_000) broken[index] = index % 80_000 === 0 ? NaN : Infinity;
  const [whole, found] = [await diarizer.diarize(source(excerpt())), await diarizer.diarize(source(broken))];
  expect(found.speakers).toEqual(whole.speakers);
  expect(diarizationErrorRate([countDiarizationErrors(whole.turns, found.turns)])).toBeLessThan(0.1);
});

test('stops between windows when it is told to', async () => {
  const abort = new AbortController();
  let calls = 0;
  const stopped = diarizer.diarize(source(lecture), {
    signal: abort.signal,
    onProgress: () => {
      calls++;
      abort.abort();
    },
  });
  await expect(stopped).rejects.toThrow(expect.objectContaining({ name: 'AbortError' }));
  expect(calls).toBe(1);
});
