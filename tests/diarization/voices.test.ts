import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { parseConfig } from '../../contracts/config.ts';
import { SAMPLE_RATE } from '../../contracts/media.ts';
import type { Diarization } from '../../contracts/transcript.ts';
import { parseRttm } from '../../eval/speech/rttm.ts';
import { openSpeakerFinder, openTools } from '../../eval/speech/speech-pipeline.ts';
import type { Diarizer, SpeakerVoice } from '../../inference/diarizer.ts';
import type { PcmSource } from '../../inference/pcm-source.ts';
import { cosine, SAME_VOICE_SCORE } from '../../transcript/suggest-names.ts';
import { DEMO_LECTURE, openWorkbench } from '../media/recordings.ts';

let diarizer: Diarizer;
let lecture: Float32Array;
/** The truth, so that a voice is nobody else's by mistake. */
let truth: Diarization;

beforeAll(async () => {
  diarizer = await openSpeakerFinder(await openTools(parseConfig(process.env), () => undefined));
  const workbench = await openWorkbench();
  lecture = await workbench.decode(DEMO_LECTURE);
  await workbench.close();
  truth = toDiarization(parseRttm(await readFile(join(DEMO_LECTURE, '../lecture.rttm'), 'utf8')));
});
afterAll(() => diarizer?.close());

function toDiarization(turns: Diarization['turns']): Diarization {
  return { speakers: [...new Set(turns.map(({ speaker }) => speaker))], turns, exclusiveTurns: turns };
}

/** The turns that begin in a stretch. */
function between(startSeconds: number, endSeconds: number): Diarization {
  return toDiarization(truth.turns.filter((turn) => turn.startSeconds >= startSeconds && turn.endSeconds <= endSeconds));
}

function source(samples: Float32Array): PcmSource {
  return { totalSamples: samples.length, read: (start, count) => Promise.resolve(samples.slice(start, start + count)) };
}

async function voicesOf(samples: Float32Array, diarization: Diarization): Promise<Record<string, SpeakerVoice>> {
  const { speakers } = await diarizer.measureVoices(source(samples), diarization);
  return Object.fromEntries(speakers.map((voice) => [voice.speaker, voice]));
}

test('a person’s voice is the same in two halves of a lecture, and nobody else’s', async () => {
  const [before, after] = [await voicesOf(lecture, between(0, 190)), await voicesOf(lecture, between(190, 360))];
  for (const [person, { vector, cleanSeconds }] of Object.entries(before)) {
    expect(vector).toHaveLength(192);
    expect(Math.hypot(...vector)).toBeCloseTo(1);
    expect(cleanSeconds).toBeGreaterThan(5);
    const { [person]: own, ...others } = after;
    expect(cosine(vector, own!.vector)).toBeGreaterThan(0.7);
    for (const other of Object.values(others)) expect(cosine(vector, other.vector)).toBeLessThan(SAME_VOICE_SCORE);
  }
  expect(Object.keys(before).toSorted()).toEqual(['ines', 'lecturer', 'tom']);
});

test('samples that are not numbers spoil nothing but their moment', async () => {
  const broken = lecture.slice();
  for (let index = 0; index < broken.length; index += SAMPLE_RATE) broken[index] = index % 2 === 0 ? NaN : Infinity;
  const turns = between(0, 70);
  const [whole, found] = [await voicesOf(lecture, turns), await voicesOf(broken, turns)];
  expect(cosine(whole['lecturer']!.vector, found['lecturer']!.vector)).toBeGreaterThan(0.9);
});

test('a stretch behind the end has no voice, and digital silence no broken one', async () => {
  const turns = toDiarization([{ speaker: 'S1', startSeconds: 0, endSeconds: 4 }]);
  expect(await voicesOf(new Float32Array(0), turns)).toEqual({});
  for (const { vector } of Object.values(await voicesOf(new Float32Array(4 * SAMPLE_RATE), turns))) {
    expect(vector.every((value) => Number.isFinite(value))).toBe(true);
  }
});

test('stops between pieces when it is told to', async () => {
  const measured = diarizer.measureVoices(source(lecture), truth, AbortSignal.abort());
  await expect(measured).rejects.toThrow(expect.objectContaining({ name: 'AbortError' }));
});
