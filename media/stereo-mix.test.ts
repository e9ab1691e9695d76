import { array, assert, int16Array, nat, property } from 'fast-check';
import { expect, test } from 'vitest';
import { createStereoMixer, type StereoMix } from './stereo-mix.ts';

function mix(pairs: readonly (readonly [number, number])[], how: StereoMix): number[] {
  const bytes = Buffer.from(Int16Array.from(pairs.flat()).buffer);
  const mono = createStereoMixer(how)(bytes);
  return Array.from({ length: mono.length / 2 }, (_, index) => mono.readInt16LE(2 * index));
}

test('two channels become their mean, half their difference, or one of them, never more than 16 bits', () => {
  const pairs = [
    [100, 50],
    [-32_768, -32_768],
    [-32_768, 32_767],
    [32_767, 32_767],
  ] as const;
  expect(mix(pairs, 'mean')).toEqual([75, -32_768, -1, 32_767]);
  expect(mix(pairs, 'difference')).toEqual([25, 0, -32_768, 0]);
  expect(mix(pairs, 'left')).toEqual([100, -32_768, -32_768, 32_767]);
  expect(mix(pairs, 'right')).toEqual([50, -32_768, 32_767, 32_767]);
});

test('it does not matter where chunks are cut, and every pair is heard', () => {
  assert(
    property(int16Array({ minLength: 2, maxLength: 60 }), array(nat(240), { maxLength: 8 }), (samples, cuts) => {
      const bytes = Buffer.from(samples.slice().buffer);
      const heard: number[] = [];
      const mixer = createStereoMixer('mean', (left, right) => heard.push(left, right));
      const edges = [0, ...cuts.map((cut) => Math.min(cut, bytes.length)).toSorted((a, b) => a - b), bytes.length];
      const parts = edges.slice(1).map((end, index) => mixer(bytes.subarray(edges[index], end)));
      expect(Buffer.concat(parts)).toEqual(createStereoMixer('mean')(bytes));
      expect(heard).toEqual([...samples.subarray(0, samples.length - (samples.length % 2))]);
    }),
  );
});
