import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { DiarizationSchema } from '../../contracts/transcript.ts';
import type { VoiceSlot } from './analysis.ts';
import { assignLocals } from './assign-locals.ts';
import { voteFaintSpeech } from './faint-speech.ts';
import { voteFrames } from './frame-votes.ts';
import { countActive, decodePowerset, SURE_BIT } from './powerset.ts';
import { findSpeakers } from './speaker-clusters.ts';
import { toDiarization } from './speaker-turns.ts';
import { holdsSpeech } from './speech-evidence.ts';
import { similarity } from './voice-similarity.ts';
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
  expect(new Set(assignLocals(alike, centroids, false).map(({ speaker }) => speaker)).size).toBe(2);
  const third = assignLocals([...alike, slot(0, 1, 1)], centroids, false);
  expect(third.filter(({ certain }) => certain)).toHaveLength(2);
  expect(assignLocals([], centroids, false)).toEqual([]);
  expect(similarity(voice(0), voice(1))).toBe(0);
});

test('a voice like none of the speakers is nobody, unless the user said that there are no others', () => {
  const stranger = slot(0, 0, 5);
  expect(assignLocals([stranger], [voice(0), voice(1)], false)).toEqual([]);
  expect(assignLocals([stranger], [voice(0), voice(1)], true)).toHaveLength(1);
  const timeline = [...Array(30).fill(0), 5, ...Array(30).fill(0)] as number[];
  const { activity, slots, seconds } = simulate(timeline);
  const lecturer = [voice(0)];
  const { turns } = toDiarization(voteFrames(activity, slots, lecturer), seconds);
  // What the stranger says is no pause of the lecturer.
  expect(turns).toHaveLength(2);
  expect(toDiarization(voteFrames(activity, slots, lecturer, true), seconds).turns).toHaveLength(1);
});

test('people who ask once are speakers of their own, in an hour of a lecture too', () => {
  const lecture = Array.from({ length: 1800 }, (_, window) => slot(window, 0, 0, 9));
  const questions = [200, 700, 1500].flatMap((at, person) => [0, 1, 2, 3].map((next) => slot(at + next, 1, person + 1, 1.5)));
  // Less than a second at a time, but twice.
  const remarks = [300, 301, 302, 303, 304, 900, 901, 902, 903, 904].map((window) => slot(window, 1, 4, 0.8));
  const cough = slot(1000, 1, 5, 0.8);
  expect(findSpeakers([...lecture, ...questions, ...remarks, cough])).toHaveLength(5);
});

test('a telephone makes voices alike: who is different there would be the same person elsewhere', () => {
  const alike = (share: number, person: number): Float32Array => {
    const common = voice(99).map((value) => value * Math.sqrt(share));
    return voice(person).map((value, axis) => value * Math.sqrt(1 - share) + (common[axis] ?? 0));
  };
  const session = (share: number): VoiceSlot[] =>
    Array.from({ length: 120 }, (_, window) => {
      const embedding = alike(share, Math.floor(window / 10) % 4);
      return { window, localSpeaker: 0, cleanSeconds: 3, embedding };
    });
  expect(findSpeakers(session(0.35))).toHaveLength(4);
  expect(findSpeakers(session(0.5))).toHaveLength(4);
  const two = [0, 1].flatMap((person) => [0, 1, 2].map((window) => ({ ...slot(window, person, 0), embedding: alike(0.5, person) })));
  expect(findSpeakers(two)).toHaveLength(1);
});

test('as many as forty people are told apart, and as many as are asked for are given', () => {
  const slots = Array.from({ length: 400 }, (_, window) => slot(window, 0, Math.floor(window / 10)));
  expect(findSpeakers(slots)).toHaveLength(40);
  const counts = fc.record({ people: fc.integer({ min: 1, max: 12 }), least: fc.integer({ min: 1, max: 20 }), more: fc.nat(10) });
  fc.assert(
    fc.property(counts, ({ people, least, more }) => {
      const some = slots.slice(0, 10 * people);
      const found = findSpeakers(some, { min: least, max: least + more }).length;
      expect(found).toBe(Math.min(some.length, Math.max(least, Math.min(least + more, people))));
      expect(findSpeakers(some, { exact: least })).toHaveLength(Math.min(some.length, least));
    }),
    { numRuns: 30 },
  );
});

test('music is nobody: frames called speech, but never surely', () => {
  const unsure = new Uint8Array(WINDOW_FRAMES).fill(1, 100, 400);
  expect(holdsSpeech(unsure)).toBe(false);
  expect(holdsSpeech(new Uint8Array(WINDOW_FRAMES))).toBe(false);
  expect(holdsSpeech(unsure.map((bits, frame) => (frame < 260 ? bits | SURE_BIT : bits)))).toBe(true);
});

test('faint speech is one speaker where a detector hears it too', () => {
  const faint = new Uint8Array(3 * WINDOW_FRAMES);
  // The second of the recording that begins at 6 s, as each of its three windows sees it.
  for (const window of [0, 1, 2])
    faint.fill(1 << window, window * WINDOW_FRAMES + 355 - window * 118, window * WINDOW_FRAMES + 414 - window * 118);
  const { speakers, turns } = toDiarization(voteFaintSpeech(faint, [{ startSeconds: 5.5, endSeconds: 8 }]), 14);
  expect(speakers).toEqual(['S1']);
  expect(turns).toHaveLength(1);
  expect(turns[0]?.startSeconds).toBeCloseTo(6, 0);
  expect(turns[0]?.endSeconds).toBeCloseTo(7, 0);
  expect(toDiarization(voteFaintSpeech(faint, [{ startSeconds: 9, endSeconds: 10 }]), 14).turns).toEqual([]);
  expect(toDiarization(voteFaintSpeech(faint, []), 14).speakers).toEqual([]);
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
