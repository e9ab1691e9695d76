import { expect, test } from 'vitest';
import { bootstrapInterval } from './bootstrap-interval.ts';

const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

test('an interval holds the rate, narrows with more recordings, and is the same in every run', () => {
  const rates = Array.from({ length: 20 }, (_, index) => (index % 5) / 10);
  const few = bootstrapInterval(rates, mean);
  const many = bootstrapInterval([...rates, ...rates, ...rates, ...rates], mean);
  expect(bootstrapInterval(rates, mean)).toEqual(few);
  const [low, high] = few ?? [1, 0];
  expect(low).toBeLessThan(0.2);
  expect(high).toBeGreaterThan(0.2);
  // The mean of 20 with a standard deviation of 0.1414 has a standard error of 0.0316: 95 % is about 0.124 wide.
  expect(high - low).toBeGreaterThan(0.1);
  expect(high - low).toBeLessThan(0.145);
  const [lowOfMany, highOfMany] = many ?? [0, 1];
  expect(highOfMany - lowOfMany).toBeLessThan((high - low) * 0.7);
});

test('recordings that are all alike have no spread; one says nothing of it', () => {
  expect(bootstrapInterval([0.3, 0.3, 0.3], (values) => values[0] ?? null)).toEqual([0.3, 0.3]);
  expect(bootstrapInterval([0.3], mean)).toBeNull();
  expect(bootstrapInterval([1, 2], () => null)).toBeNull();
});
