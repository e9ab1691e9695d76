import { expect, it } from 'vitest';
import type { PcmSource } from '../pcm-source.ts';
import { toSpeakingLevel } from './speaking-level.ts';

function source(...samples: number[]): PcmSource {
  return { totalSamples: samples.length, read: async (start, count) => Float32Array.from(samples).slice(start, start + count) };
}

it('leaves a recording alone that is loud enough', () => {
  const audio = source(0.1, -0.1);
  expect(toSpeakingLevel(audio, -50)).toBe(audio);
});

it('brings a very quiet one to where people record, and no sample past full scale', async () => {
  const audible = toSpeakingLevel(source(0, 0.000_5, -0.000_5, 0.5), -65);
  expect(audible.totalSamples).toBe(4);
  const [silence, up, down, click] = await audible.read(0, 4);
  expect([silence, click]).toEqual([0, 1]);
  expect(up).toBeCloseTo(0.05, 6);
  expect(down).toBeCloseTo(-0.05, 6);
});

it('does not make something out of digital silence', async () => {
  expect([...(await toSpeakingLevel(source(0, 0), -120).read(0, 2))]).toEqual([0, 0]);
});
