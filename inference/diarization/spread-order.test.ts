import { assert, integer, property } from 'fast-check';
import { expect, test } from 'vitest';
import { spreadOrder } from './spread-order.ts';

test('holds each once', () => {
  for (const count of [0, 1, 2, 7, 1_000])
    expect(spreadOrder(count).toSorted((a, b) => a - b)).toEqual(Array.from({ length: count }, (_, index) => index));
});

/** Largest difference between the share that is done and the share of the time that has gone, where some batches cost less. */
function largestLead(batches: number, isSilent: (batch: number) => boolean): number {
  const costs = spreadOrder(batches).map((batch) => (isSilent(batch) ? 0.3 : 1));
  const total = costs.reduce((sum, cost) => sum + cost, 0);
  let spent = 0;
  return Math.max(...costs.map((cost, index) => Math.abs((spent += cost) / total - (index + 1) / batches)));
}

test('the share that is done is that of the time that has gone, within 4 % in an hour or more, wherever the silence lies', () => {
  const percent = integer({ min: 0, max: 100 });
  assert(
    property(integer({ min: 150, max: 1_400 }), percent, percent, (batches, from, length) => {
      const isSilent = (batch: number): boolean => batch >= (batches * from) / 100 && batch < (batches * (from + length)) / 100;
      expect(largestLead(batches, isSilent)).toBeLessThan(0.04);
    }),
  );
});
