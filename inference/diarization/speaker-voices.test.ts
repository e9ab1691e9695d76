import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { SAMPLE_RATE } from '../../contracts/media.ts';
import type { Diarization, SpeakerTurn } from '../../contracts/transcript.ts';
import type { PcmSource } from '../pcm-source.ts';
import { cleanStretches, measureVoices } from './speaker-voices.ts';

type Said = [speaker: string, startSeconds: number, endSeconds: number];

function diarization(turns: readonly Said[], exclusive: readonly Said[] = turns): Diarization {
  const toTurn = ([speaker, startSeconds, endSeconds]: Said): SpeakerTurn => ({ speaker, startSeconds, endSeconds });
  return { speakers: [...new Set(turns.map(([speaker]) => speaker))], turns: turns.map(toTurn), exclusiveTurns: exclusive.map(toTurn) };
}

/** Each sample is the second it lies in: a piece tells where it came from. */
const clock: PcmSource = {
  totalSamples: 1_000 * SAMPLE_RATE,
  read: async (start, count) => Float32Array.from({ length: count }, (_, index) => Math.floor((start + index) / SAMPLE_RATE)),
};

describe('clean stretches', () => {
  test('leave out where somebody else speaks too, and the edges', () => {
    const both: Said[] = [
      ['S1', 0, 10],
      ['S2', 4, 6],
    ];
    expect(cleanStretches(diarization(both, [['S1', 0, 10]]), 'S1')).toEqual([
      { startSeconds: 0.25, endSeconds: 3.75 },
      { startSeconds: 6.25, endSeconds: 9.75 },
    ]);
  });

  test('of less than a second are none', () => {
    expect(cleanStretches(diarization([['S1', 0, 1.4]]), 'S1')).toEqual([]);
  });

  test('never touch another speaker and never leave the speaker’s own turns', () => {
    const time = fc.integer({ min: 0, max: 600 }).map((value) => value / 10);
    const said = fc
      .tuple(fc.constantFrom('S1', 'S2', 'S3'), time, fc.integer({ min: 1, max: 120 }))
      .map(([speaker, start, length]): Said => [speaker, start, start + length / 10]);
    fc.assert(
      fc.property(fc.array(said, { maxLength: 10 }), (turns) => {
        for (const stretch of cleanStretches(diarization(turns), 'S1')) {
          expect(stretch.endSeconds - stretch.startSeconds).toBeGreaterThanOrEqual(1);
          const own = turns.filter(([speaker]) => speaker === 'S1');
          expect(own.some(([, start, end]) => start <= stretch.startSeconds && stretch.endSeconds <= end)).toBe(true);
          const others = turns.filter(([speaker]) => speaker !== 'S1');
          expect(others.every(([, start, end]) => Math.min(end, stretch.endSeconds) <= Math.max(start, stretch.startSeconds))).toBe(true);
        }
      }),
    );
  });
});

describe('voices', () => {
  test('are the mean direction of their pieces, weighed by length, of unit length', async () => {
    const found = diarization([
      ['S1', 0, 6.5],
      ['S2', 10, 12],
      ['S1', 20, 23.5],
    ]);
    const [first, second] = await measureVoices(clock, found, async (samples) =>
      samples[0]! < 20 ? Float32Array.of(1, 0) : Float32Array.of(0, 1),
    );
    expect(first).toMatchObject({ speaker: 'S1', cleanSeconds: 9 });
    expect(first!.vector[1]! / first!.vector[0]!).toBeCloseTo(0.5);
    expect(Math.hypot(...first!.vector)).toBeCloseTo(1);
    expect(second).toMatchObject({ speaker: 'S2', cleanSeconds: 1.5 });
  });

  test('are made of pieces of at most 6 s and of 96 s in all, longest stretches first', async () => {
    const starts: number[] = [];
    const turns: Said[] = Array.from({ length: 30 }, (_, index) => ['S1', index * 30, index * 30 + (index === 29 ? 20.5 : 10.5)]);
    const [voice] = await measureVoices(clock, diarization(turns), async (samples) => {
      expect(samples.length).toBeLessThanOrEqual(6 * SAMPLE_RATE);
      starts.push(samples[0]!);
      return Float32Array.of(1);
    });
    expect(starts[0]).toBe(870);
    expect(voice!.cleanSeconds).toBeGreaterThanOrEqual(90);
    expect(voice!.cleanSeconds).toBeLessThan(96);
  });

  test('of whom no piece can be embedded are none', async () => {
    expect(await measureVoices(clock, diarization([['S1', 0, 9]]), async () => null)).toEqual([]);
  });
});
