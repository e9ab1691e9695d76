import { array, assert, nat, property } from 'fast-check';
import { expect, test } from 'vitest';
import { CrossStore, CrossTensors, type RowData } from './whisper-audio.ts';

const WINDOWS = 5;
const SIZE = 3;

/** Window w of tensor t holds 100 t + w in all its places. */
function numberedStore(): CrossStore {
  const numbered = (t: number): number[] => Array.from({ length: WINDOWS * SIZE }, (_, i) => 100 * t + Math.floor(i / SIZE));
  const tensors = new Map<string, RowData>([
    ['codes', Int8Array.from(numbered(0))],
    ['scales', Float32Array.from(numbered(1))],
  ]);
  return new CrossStore({ windows: WINDOWS, frames: SIZE, tensors });
}

function windowsIn(tensors: ReadonlyMap<string, RowData>): number[][] {
  return [...tensors.values()].map((data) => Array.from({ length: data.length / SIZE }, (_, row) => data[row * SIZE]!));
}

test('whatever was selected before, a selection holds its windows in its order', () => {
  const selection = array(nat(WINDOWS - 1), { minLength: 1, maxLength: WINDOWS + 2 });
  assert(
    property(array(selection, { minLength: 1, maxLength: 8 }), (selections) => {
      const audio = new CrossTensors(numberedStore());
      for (const rows of selections) {
        const expected = [0, 1].map((t) => rows.map((row) => 100 * t + row));
        expect(windowsIn(audio.select(rows).tensors())).toEqual(expected);
      }
      expect(windowsIn(audio.tensors())[0]).toEqual([0, 1, 2, 3, 4]);
    }),
  );
});

test('windows that are not named twice are never copied', () => {
  const store = numberedStore();
  const parts = new CrossTensors(store).select([4, 1]).tensors();
  for (const [name, part] of parts) expect(part.buffer).toBe(store.block.tensors.get(name)?.buffer);
});

test('a row that is not there is an error', () => {
  expect(() => new CrossTensors(numberedStore()).select([5])).toThrow('rows 5 of 5');
});
