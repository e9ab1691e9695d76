import { expect, test } from 'vitest';
import * as fc from 'fast-check';
import { gatedLoudness, measureWaveform } from './waveform.ts';

async function* inPieces(bytes: Uint8Array, cuts: readonly number[]): AsyncIterable<Uint8Array> {
  let from = 0;
  for (const cut of [...cuts.map((part) => part % (bytes.length + 1)).sort((a, b) => a - b), bytes.length]) {
    yield bytes.subarray(from, cut);
    from = cut;
  }
}

function tone(amplitude: number, samples: number): Int16Array {
  return Int16Array.from({ length: samples }, (_, index) =>
    Math.round(32_767 * amplitude * Math.sin((2 * Math.PI * 440 * index) / 16_000)),
  );
}

test('a full-scale tone is at -3 dBFS, and halving it costs 6 dB', async () => {
  for (const [amplitude, dbfs] of [
    [1, -3.01],
    [0.5, -9.03],
  ] as const) {
    const bytes = new Uint8Array(tone(amplitude, 16_000).buffer);
    const { loudnessDbfs, peaks } = await measureWaveform(inPieces(bytes, []), 16_000);
    expect(loudnessDbfs).toBeCloseTo(dbfs, 1);
    expect(Math.max(...peaks)).toBeCloseTo(amplitude, 2);
  }
});

test('pauses do not make speech quieter', () => {
  const speech = Array.from({ length: 50 }, () => 0.01);
  expect(gatedLoudness(speech)).toBe(-20);
  expect(gatedLoudness([...speech, ...Array.from({ length: 500 }, () => 1e-5)])).toBe(-20);
});

test('digital silence and no sample at all are -120', async () => {
  const silence = await measureWaveform(inPieces(new Uint8Array(32_000), []), 16_000);
  expect(silence.loudnessDbfs).toBe(-120);
  expect(silence.peaks).toHaveLength(2_000);
  expect(await measureWaveform(inPieces(new Uint8Array(0), []), 0)).toEqual({ loudnessDbfs: -120, peaks: [] });
});

test('however the stream is cut, the peaks are those of equal slices', async () => {
  await fc.assert(
    fc.asyncProperty(fc.int16Array({ minLength: 1, maxLength: 5_000 }), fc.array(fc.nat(), { maxLength: 5 }), async (samples, cuts) => {
      const { peaks } = await measureWaveform(inPieces(new Uint8Array(samples.slice().buffer), cuts), samples.length);
      const expected = Array.from({ length: Math.min(2_000, samples.length) }, () => 0);
      samples.forEach((sample, index) => {
        const slice = Math.floor((index * expected.length) / samples.length);
        expected[slice] = Math.max(expected[slice] ?? 0, Math.round((Math.abs(sample) / 32_768) * 10_000) / 10_000);
      });
      expect(peaks).toEqual(expected);
    }),
    { numRuns: 50 },
  );
});
