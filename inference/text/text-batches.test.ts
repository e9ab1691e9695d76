import { array, assert, integer, property } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { toTextBatches } from './text-batches.ts';

const texts = array(
  array(integer({ min: 1, max: 30_000 }), { minLength: 1, maxLength: 40 }).map((ids) => ({ ids, typeIds: ids.map(() => 0) })),
  { maxLength: 60 },
);

describe('toTextBatches', () => {
  it('places every text once, whole, padded with masked zeros', () => {
    assert(
      property(texts, (encoded) => {
        const batches = toTextBatches(encoded, 100);
        expect(batches.flatMap((batch) => batch.positions).toSorted((a, b) => a - b)).toEqual(encoded.map((_, position) => position));
        for (const { positions, tokens, ids, mask } of batches) {
          for (const [row, position] of positions.entries()) {
            const expected = encoded[position]!.ids;
            const from = row * tokens;
            expect(Array.from(ids.subarray(from, from + tokens))).toEqual(
              [...expected, ...Array(tokens - expected.length).fill(0)].map(BigInt),
            );
            expect(mask.subarray(from, from + tokens).filter((bit) => bit === 1n)).toHaveLength(expected.length);
          }
        }
      }),
    );
  });

  it('keeps to the bound, but for a single text that is longer', () => {
    assert(
      property(texts, (encoded) => {
        for (const { positions, tokens } of toTextBatches(encoded, 32))
          expect(positions.length === 1 || positions.length * tokens <= 32).toBe(true);
      }),
    );
  });
});
