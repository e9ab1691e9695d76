import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { withoutScales } from './scaled-integers.ts';
import type { Tensor, TensorFile } from './tensor-file.ts';

function fileOf(tensors: Record<string, Tensor>): TensorFile {
  const find = (name: string): Tensor => tensors[name]!;
  return { names: () => Object.keys(tensors), dims: (name) => find(name).dims, tensor: find, close: () => undefined };
}

test('integers with a scale a row become the numbers that were rounded, to half a step', () => {
  const rows = fc.array(fc.array(fc.integer({ min: -10_000, max: 10_000 }), { minLength: 4, maxLength: 4 }), {
    minLength: 1,
    maxLength: 5,
  });
  fc.assert(
    fc.property(rows, (numbers) => {
      // As CTranslate2's converter rounds: 127 over the largest of the row.
      const scales = numbers.map((row) => 127 / (Math.max(...row.map(Math.abs)) || 127));
      const data = Int8Array.from(numbers.flatMap((row, index) => row.map((value) => Math.round(value * scales[index]!))));
      const file = withoutScales(
        fileOf({
          'w/weight': { dims: [numbers.length, 2, 2], type: 'int8', data },
          'w/weight_scale': { dims: [numbers.length], type: 'float32', data: Float32Array.from(scales) },
        }),
      );
      expect(file.names()).toEqual(['w/weight']);
      const read = file.tensor('w/weight').data;
      for (const [index, value] of numbers.flat().entries()) {
        const halfStep = 0.5 / scales[Math.floor(index / 4)]!;
        expect(Math.abs(Number(read[index]) - value)).toBeLessThanOrEqual(halfStep * 1.001 + 1e-6);
      }
    }),
  );
});

test('one scale for all rows, and tensors without one', () => {
  const file = withoutScales(
    fileOf({
      w: { dims: [2, 1], type: 'int16', data: Int16Array.of(1024, -512) },
      w_scale: { dims: [], type: 'float32', data: Float32Array.of(2048) },
      count: { dims: [], type: 'int8', data: Int8Array.of(8) },
    }),
  );
  expect(file.tensor('w').data).toEqual(Float32Array.of(0.5, -0.25));
  expect(file.tensor('count').data).toEqual(Int8Array.of(8));
});

test.each([
  ['of another number', Float32Array.of(1, 2, 3)],
  ['that are zero', Float32Array.of(0, 1)],
  ['that are no numbers', Float32Array.of(NaN, 1)],
])('refuses scales %s', (_, data) => {
  const file = withoutScales(
    fileOf({
      w: { dims: [2, 1], type: 'int8', data: Int8Array.of(1, 2) },
      w_scale: { dims: [data.length], type: 'float32', data },
    }),
  );
  expect(() => file.tensor('w')).toThrow('the weight w has no usable scales for its 2 rows');
});
