import { expect, it } from 'vitest';
import type { Metric } from '../contracts/metrics.ts';
import { cacheMetrics } from './cached-metrics.ts';

it('asks once in a while, once for all who ask meanwhile, and tells nothing rather than old numbers', async () => {
  let clock = 0;
  let asked = 0;
  const read = async (): Promise<Metric[]> => {
    asked += 1;
    if (asked === 3) throw new Error('away');
    return [{ name: 'lectern_test', help: 'Asked.', type: 'gauge', samples: [{ labels: {}, value: asked }] }];
  };
  const source = cacheMetrics(read, 1_000, () => clock);
  const ask = async () => (await source())[0]?.samples[0]?.value;
  expect(await Promise.all([ask(), ask()])).toEqual([1, 1]);
  clock = 999;
  expect(await ask()).toBe(1);
  clock = 1_000;
  expect(await ask()).toBe(2);
  clock = 2_000;
  expect(await ask()).toBeUndefined();
  clock = 3_000;
  expect(await ask()).toBe(4);
});

it('does not keep a scrape waiting for what does not come', async () => {
  const source = cacheMetrics(() => new Promise<never>(() => undefined), 1_000);
  expect(await source()).toEqual([]);
});
