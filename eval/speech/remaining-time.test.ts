import { expect, test } from 'vitest';
import { createCountdown } from './remaining-time.ts';

test('the rest is thought to go as what is done went; the end needs no estimate', () => {
  let milliseconds = 5000;
  const left = createCountdown(10, () => milliseconds);
  expect(left(0)).toBe('');
  milliseconds += 20_000;
  expect(left(4)).toBe(', 30 s left');
  milliseconds += 300_000;
  expect(left(5)).toBe(', 6 min left');
  expect(left(10)).toBe('');
});
