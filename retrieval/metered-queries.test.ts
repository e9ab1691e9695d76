import { expect, it } from 'vitest';
import { QueryRequestSchema, type QueryResponse } from '../contracts/query.ts';
import { meterQueries } from './metered-queries.ts';

const response: QueryResponse = { question: 'why?', hits: [], timingsMs: {}, skipped: [], unheardPhrases: [] };

it('counts what succeeds, by what was asked for, in buckets that hold all below them', async () => {
  let fails = false;
  const metered = meterQueries({ query: () => (fails ? Promise.reject(new Error('away')) : Promise.resolve(response)) });
  const ask = (answer: boolean) => metered.query('t', QueryRequestSchema.parse({ question: 'why?', answer }));
  await ask(false);
  await ask(false);
  await ask(true);
  fails = true;
  await expect(ask(false)).rejects.toThrow('away');
  const samples = metered.metrics().flatMap((metric) => metric.samples);
  const find = (suffix: string, kind: string) => samples.filter((sample) => sample.suffix === suffix && sample.labels['kind'] === kind);
  expect(find('_count', 'search').map(({ value }) => value)).toEqual([2]);
  expect(find('_count', 'answer').map(({ value }) => value)).toEqual([1]);
  const buckets = find('_bucket', 'search').map(({ value }) => value);
  expect(buckets).toEqual(buckets.toSorted((a, b) => a - b));
  expect(find('_bucket', 'search').at(-1)).toMatchObject({ labels: { le: '+Inf' }, value: 2 });
  expect(find('_sum', 'search')[0]!.value).toBeGreaterThan(0);
});
