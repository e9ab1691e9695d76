import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DefaultLogger } from '@temporalio/worker';
import { MockActivityEnvironment } from '@temporalio/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createDiarizeActivity } from '../../activities/diarize.ts';
import { createPrepareActivity } from '../../activities/prepare.ts';
import { PreparedMediaSchema, SAMPLE_RATE, type PreparedMedia } from '../../contracts/media.ts';
import { DiarizationSchema, type Diarization } from '../../contracts/transcript.ts';
import { countDiarizationErrors, diarizationErrorRate } from '../../eval/metrics/diarization-error-rate.ts';
import { buildCall, type Call, type Utterance } from '../../eval/speech/calls/build-call.ts';
import { parseRttm } from '../../eval/speech/rttm.ts';
import type { Diarizer } from '../../inference/diarizer.ts';
import { DEMO_LECTURE, openWorkbench, rms, type Workbench } from '../media/recordings.ts';
import { openRealStores, type RealStores } from '../workflows/real-stores.ts';
import { createScriptedModels, loadable } from '../workflows/scripted-models.ts';
import { openDefaultDiarizer } from './default-diarizer.ts';

let diarizer: Diarizer;
let stores: RealStores;
let bench: Workbench;
let call: Call;
let lecture: Float32Array;

beforeAll(async () => {
  [diarizer, stores, bench] = await Promise.all([openDefaultDiarizer(), openRealStores(), openWorkbench()]);
  const demo = await bench.decode(DEMO_LECTURE);
  lecture = demo.slice(51 * SAMPLE_RATE, 76 * SAMPLE_RATE);
  call = buildCall(utterancesOf(demo, await readFile(join(DEMO_LECTURE, '../lecture.rttm'), 'utf8')), CONDITIONS, 1);
});
afterAll(async () => {
  await Promise.all([diarizer.close(), stores.close(), bench.close()]);
});

/** A line with some hiss, on which each hears the other 20 dB softer. */
const CONDITIONS = { crossTalkDb: -20, noiseDbfs: -60, secondDb: -6 };

/** The lecturer and Tom in turn, 6 s each. */
function utterancesOf(demo: Float32Array, rttm: string): Utterance[] {
  const turns = parseRttm(rttm);
  const longTurns = (name: string): number[] =>
    turns.filter((turn) => turn.speaker === name && turn.endSeconds - turn.startSeconds > 6).map((turn) => turn.startSeconds);
  const toms = longTurns('tom');
  return longTurns('lecturer')
    .slice(0, toms.length)
    .flatMap((start, index) => [start, toms[index]!])
    .map((start, index) => ({
      speaker: index % 2 === 0 ? 0 : 1,
      samples: demo.slice(start * SAMPLE_RATE, (start + 6) * SAMPLE_RATE),
      text: '',
    }));
}

/** Prepares and diarizes a stereo recording with the activities of the worker. */
async function ingest(name: string, left: Float32Array, right: Float32Array): Promise<{ prepared: PreparedMedia; found: Diarization }> {
  const raw = join(bench.folder, `${name}.raw`);
  const pairs = Int16Array.from({ length: 2 * left.length }, (_, index) =>
    Math.round(32_767 * Math.max(-1, Math.min(1, (index % 2 === 0 ? left : right)[index >> 1] ?? 0))),
  );
  await writeFile(raw, new Uint8Array(pairs.buffer));
  const wav = await bench.make(`${name}.wav`, ['-f', 's16le', '-ar', `${SAMPLE_RATE}`, '-ac', '2', '-i', raw]);
  const { tenantId, lectureId, media } = await stores.upload(await readFile(wav));
  const deps = { ...stores.deps(createScriptedModels()), diarizer: loadable(diarizer) };
  const environment = new MockActivityEnvironment({}, { logger: new DefaultLogger('ERROR') });
  const run = <Input, Output>(activity: (input: Input) => Promise<Output>, input: Input): Promise<Output> =>
    environment.run<[Input], Output, typeof activity>(activity, input);
  const { artifact } = await run(createPrepareActivity(deps), { tenantId, lectureId, media });
  const diarized = await run(createDiarizeActivity(deps), { tenantId, lectureId, prepared: artifact, speakers: null });
  return {
    prepared: await deps.artifacts.read(artifact, PreparedMediaSchema),
    found: await deps.artifacts.read(diarized.artifact, DiarizationSchema),
  };
}

test('a call with a channel each is diarized by its channels', { timeout: 300_000 }, async () => {
  const { prepared, found } = await ingest('call', call.left, call.right);
  expect(prepared.channels?.audioKeys).toHaveLength(2);
  expect(found).toMatchObject({
    method: 'channels',
    speakers: ['S1', 'S2'],
    channels: { crossTalkDb: [expect.any(Number), expect.any(Number)] },
  });
  for (const db of found.channels?.crossTalkDb ?? []) expect(db).toBeCloseTo(-20, -1);
  expect(diarizationErrorRate([countDiarizationErrors(call.turns, found.turns, { collarSeconds: 0.25 })])).toBeLessThan(0.08);
});

const none = (samples: Float32Array): Float32Array => new Float32Array(samples.length);
const upsideDown = (samples: Float32Array): Float32Array => samples.map((sample) => -sample);
/** Turned 90 degrees a second from one side to the other, as music is panned; the lecturer stays in the middle. */
const panned = (samples: Float32Array, side: 0 | 1): Float32Array =>
  samples.map((sample, index) => {
    const seconds = index / SAMPLE_RATE;
    const gain = side === 0 ? Math.cos(seconds) ** 2 : Math.sin(seconds) ** 2;
    return sample + 0.2 * gain * Math.sin(2 * Math.PI * 330 * seconds);
  });

test.each([
  ['the same in both', (samples: Float32Array) => [samples, samples]],
  ['one channel dead', (samples: Float32Array) => [samples, none(samples)]],
  ['one channel upside down', (samples: Float32Array) => [samples, upsideDown(samples)]],
  ['music that goes from side to side', (samples: Float32Array) => [panned(samples, 0), panned(samples, 1)]],
] as [string, (samples: Float32Array) => [Float32Array, Float32Array]][])(
  'two speakers in both channels are told apart by their voices: %s',
  { timeout: 300_000 },
  async (name, make) => {
    const { prepared, found } = await ingest(name.replaceAll(' ', '-'), ...make(lecture));
    expect(found.method).toBe('clusters');
    expect(found.speakers).toEqual(['S1', 'S2']);
    // Nothing cancels: at most half of the sound is lost, where one channel has none.
    expect(prepared.loudnessDbfs).toBeGreaterThan(20 * Math.log10(rms(lecture)) - 7);
  },
);
