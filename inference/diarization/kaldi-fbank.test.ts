import { expect, test } from 'vitest';
import { createKaldiFbank, FBANK_BINS, FBANK_HOP_SAMPLES, fbankFrames } from './kaldi-fbank.ts';

// Equality with kaldi itself: tests/diarization/networks.test.ts.

function tone(hertz: number, samples: number): Float32Array {
  return Float32Array.from({ length: samples }, (_, index) => 0.3 * Math.sin((2 * Math.PI * hertz * index) / 16_000));
}

function loudestBin(frame: Float32Array): number {
  return frame.indexOf(Math.max(...frame));
}

test('frames are whole: none hangs over the end', () => {
  expect([0, 399, 400, 559, 560, 160_000].map(fbankFrames)).toEqual([0, 0, 1, 1, 2, 998]);
  expect(createKaldiFbank()(new Float32Array(399))).toHaveLength(0);
});

test('a frame depends on its own samples only', () => {
  const fbank = createKaldiFbank();
  const samples = tone(440, 4000);
  const all = fbank(samples);
  const third = fbank(samples.subarray(2 * FBANK_HOP_SAMPLES, 2 * FBANK_HOP_SAMPLES + 400));
  expect(Array.from(third)).toEqual(Array.from(all.subarray(2 * FBANK_BINS, 3 * FBANK_BINS)));
});

test('a higher tone lights a higher band, and silence sits on the floor', () => {
  const fbank = createKaldiFbank();
  const bins = [150, 600, 2400, 7000].map((hertz) => loudestBin(fbank(tone(hertz, 400))));
  expect(bins).toEqual(bins.toSorted((a, b) => a - b));
  expect(new Set(bins).size).toBe(4);
  expect(new Set(fbank(new Float32Array(400)))).toEqual(new Set([Math.fround(Math.log(2 ** -23))]));
});
