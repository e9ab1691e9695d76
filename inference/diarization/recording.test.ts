import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { DiarizationSchema } from '../../contracts/transcript.ts';
import type { VoiceSlot } from './analysis.ts';
import { assignLocals } from './assign-locals.ts';
import { voteFrames } from './frame-votes.ts';
import { countActive, decodePowerset, SURE_BIT } from './powerset.ts';
import { findSpeakers, similarity } from './speaker-clusters.ts';
import { toDiarization } from './speaker-turns.ts';
import { holdsSpeech } from './speech-evidence.ts';
import { countWindows, frameSeconds, LOCAL_SPEAKERS, STEP_SAMPLES, WINDOW_FRAMES, WINDOW_SAMPLES, windowFrame } from './windows.ts';

/** A voice: direction `speaker`, turned a little by `noise`. */
function voice(speaker: number, noise = 0): Float32Array {
  const vector = new Float32Array(192);
  vector[speaker] = Math.cos(noise);
  vector[100 + speaker] = Math.sin(noise);
  return vector;
}

function slot(window: number, localSpeaker: number, speaker: number, cleanSeconds = 3): VoiceSlot {
  return { window, localSpeaker, cleanSeconds, embedding: voice(speaker, 0.1 * Math.sin(window * 7 + localSpeaker)) };
}

/** Windows in which the speakers of a timeline (speaker by second) are told apart, as the networks would. */
function simulate(timeline: readonly (number | null)[]): { activity: Uint8Array; slots: VoiceSlot[]; seconds: number } {
  const windows = countWindows(timeline.length * 16_000);
  const activity = new Uint8Array(windows * WINDOW_FRAMES);
  const slots: VoiceSlot[] = [];
  for (let window = 0; window < windows; window++) {
    const locals: number[] = [];
    const frames: number[] = [];
    for (let frame = 0; frame < WINDOW_FRAMES; frame++) {
      const speaker = timeline[Math.floor(frameSeconds(windowFrame(window) + frame))] ?? null;
      if (speaker === null) continue;
      if (!locals.includes(speaker)) locals.push(speaker);
      // A window's local numbers are in no way those of its neighbour.
      const local = (locals.indexOf(speaker) + window) % LOCAL_SPEAKERS;
      frames[local] = (frames[local] ?? 0) + 1;
      activity[window * WINDOW_FRAMES + frame] = (1 << local) | SURE_BIT;
    }
    for (const [index, speaker] of locals.entries()) {
      const local = (index + window) % LOCAL_SPEAKERS;
      slots.push(slot(window, local, speaker, ((frames[local] ?? 0) * 270) / 16_000));
    }
  }
  return { activity, slots, seconds: timeline.length };
}

test('windows cover a recording to its end, and one that fits needs only one', () => {
  expect([0, 1, WINDOW_SAMPLES, WINDOW_SAMPLES + 1].map(countWindows)).toEqual([0, 1, 1, 2]);
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 1e9 }), (samples) => {
      const covered = (countWindows(samples) - 1) * STEP_SAMPLES + WINDOW_SAMPLES;
      expect(covered).toBeGreaterThanOrEqual(samples);
    }),
  );
});

test('the powerset decodes to sets of at most two, and what is not a number to silence', () => {
  const one = (index: number): number[] => Array.from({ length: 7 }, (_, other) => (other === index ? -0.01 : -6));
  const classes = [0, 1, 2, 3, 4, 5, 6].flatMap(one);
  expect(Array.from(decodePowerset(Float32Array.from(classes)), (bits) => bits & 7)).toEqual([0, 1, 2, 4, 3, 5, 6]);
  expect(Array.from(decodePowerset(new Float32Array(14).fill(NaN)))).toEqual([0, 0]);
  expect(Array.from(decodePowerset(Float32Array.from([-0.8, -0.7, -6, -6, -6, -6, -6])))).toEqual([1]);
});

test('speakers take turns: found, counted and labelled by first appearance', () => {
  const timeline = [...Array(20).fill(2), null, null, null, ...Array(12).fill(0), ...Array(4).fill(2), ...Array(6).fill(1)] as (
    | number
    | null
  )[];
  const { activity, slots, seconds } = simulate(timeline);
  const diarization = toDiarization(voteFrames(activity, slots, findSpeakers(slots)), seconds);
  expect(diarization.speakers).toEqual(['S1', 'S2', 'S3']);
  expect(diarization.exclusiveTurns.map((turn) => turn.speaker)).toEqual(['S1', 'S2', 'S1', 'S3']);
  for (const [index, start] of [0, 23, 35, 39].entries()) expect(diarization.exclusiveTurns[index]?.startSeconds).toBeCloseTo(start, 0);
  expect(DiarizationSchema.safeParse(diarization).success).toBe(true);
});

test('the number of speakers can be given exactly or bounded', () => {
  const slots = [0, 0, 0, 1, 1, 1, 2, 2, 2].map((speaker, window) => slot(window, 0, speaker));
  expect(findSpeakers(slots)).toHaveLength(3);
  for (const exact of [1, 2, 3, 4, 9]) expect(findSpeakers(slots, { exact })).toHaveLength(exact);
  expect(findSpeakers(slots, { max: 2 })).toHaveLength(2);
  expect(findSpeakers(slots, { min: 5 })).toHaveLength(5);
  expect(findSpeakers(slots, { min: 2, max: 4 })).toHaveLength(3);
  expect(findSpeakers(slots, { exact: 12 })).toHaveLength(9);
  expect(findSpeakers([])).toEqual([]);
});

test('one reader is one speaker, however long', () => {
  const slots = Array.from({ length: 6000 }, (_, window) => slot(window, 0, 0));
  expect(findSpeakers(slots)).toHaveLength(1);
});

test('two local speakers of a window are never the same person while there are others', () => {
  const centroids = [voice(0), voice(1)];
  const alike = [slot(0, 0, 0), slot(0, 2, 0)];
  expect(new Set(assignLocals(alike, centroids).map(({ speaker }) => speaker)).size).toBe(2);
  const third = assignLocals([...alike, slot(0, 1, 1)], centroids);
  expect(third.filter(({ certain }) => certain)).toHaveLength(2);
  expect(assignLocals([], centroids)).toEqual([]);
  expect(similarity(voice(0), voice(1))).toBe(0);
});

test('music is nobody: frames called speech, but never surely', () => {
  const unsure = new Uint8Array(WINDOW_FRAMES).fill(1, 100, 400);
  expect(holdsSpeech(unsure)).toBe(false);
  expect(holdsSpeech(new Uint8Array(WINDOW_FRAMES))).toBe(false);
  expect(holdsSpeech(unsure.map((bits, frame) => (frame < 260 ? bits | SURE_BIT : bits)))).toBe(true);
});

test('turns stay within the recording, in order, and the exclusive ones never overlap', () => {
  const timelines = fc.array(fc.option(fc.nat(3), { nil: null }), { minLength: 1, maxLength: 60 });
  fc.assert(
    fc.property(timelines, (timeline) => {
      const { activity, slots, seconds } = simulate(timeline);
      const { speakers, turns, exclusiveTurns } = toDiarization(voteFrames(activity, slots, findSpeakers(slots)), seconds);
      for (const turn of [...turns, ...exclusiveTurns]) {
        expect(speakers).toContain(turn.speaker);
        expect(turn.startSeconds).toBeGreaterThanOrEqual(0);
        expect(turn.endSeconds).toBeGreaterThan(turn.startSeconds);
        expect(turn.endSeconds).toBeLessThanOrEqual(seconds);
      }
      for (const [index, turn] of exclusiveTurns.slice(1).entries()) {
        expect(turn.startSeconds).toBeGreaterThanOrEqual(exclusiveTurns[index]?.endSeconds ?? 0);
      }
      expect(turns.length > 0).toBe(activity.some((bits) => countActive(bits) > 0));
    }),
    { numRuns: 60 },
  );
});
