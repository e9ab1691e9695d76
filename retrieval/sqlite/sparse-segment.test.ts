import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import type { SparseVector } from '../../contracts/transcript.ts';
import { TopK } from '../top-k.ts';
import { decodeSegment, encodeSegment, scoreSegment } from './sparse-segment.ts';

const vector: fc.Arbitrary<SparseVector> = fc.uniqueArray(fc.integer({ min: 0, max: 30 }), { maxLength: 12 }).chain((indices) =>
  fc.record({
    indices: fc.constant([...indices].sort((a, b) => a - b)),
    values: fc.array(fc.integer({ min: 1, max: 9 }), { minLength: indices.length, maxLength: indices.length }),
  }),
);

it('scores as the inner product does, from any byte offset', () => {
  fc.assert(
    fc.property(fc.array(vector, { maxLength: 12 }), vector, fc.integer({ min: 0, max: 8 }), (sparse, query, offset) => {
      const blob = encodeSegment(sparse.map((entry, index) => ({ id: 100 + index, sparse: entry })));
      const shifted = new Uint8Array(blob.length + offset);
      shifted.set(blob, offset);
      const top = new TopK(50);
      scoreSegment(decodeSegment(shifted.subarray(offset)), query, null, top);
      const expected = sparse
        .map((entry, index) => ({
          id: 100 + index,
          score: entry.indices.reduce((total, term, at) => {
            const found = query.indices.indexOf(term);
            return found < 0 ? total : total + entry.values[at]! * query.values[found]!;
          }, 0),
        }))
        .filter(({ score }) => score > 0)
        .sort((a, b) => b.score - a.score || a.id - b.id);
      expect(top.take()).toEqual(expected);
    }),
  );
});
