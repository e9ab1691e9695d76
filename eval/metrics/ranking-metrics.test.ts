import { readFileSync } from 'node:fs';
import { array, assert, property, uniqueArray, stringMatching, integer, tuple } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hitAt, ndcgAt, precisionAt, recallAt, reciprocalRankAt } from './ranking-metrics.ts';

// Made by tests/golden/make_ranking.py with pytrec_eval.
const golden = JSON.parse(readFileSync(new URL('../../tests/golden/ranking.json', import.meta.url), 'utf8')) as {
  relevance: Record<string, number>;
  ranking: string[];
  metrics: Record<string, number>;
}[];

const METRICS = { p: precisionAt, r: recallAt, hit: hitAt, ndcg: ndcgAt, mrr: reciprocalRankAt };
const id = stringMatching(/^[a-f]{1,2}$/);
const rankings = uniqueArray(id, { maxLength: 20 });
const relevances = array(tuple(id, integer({ min: 1, max: 3 })), { minLength: 1, maxLength: 6 }).map((pairs) => new Map(pairs));

describe('ranking metrics', () => {
  it.each(Object.keys(METRICS) as (keyof typeof METRICS)[])('%s is as trec_eval has it', (name) => {
    expect(golden.length).toBeGreaterThan(30);
    for (const { relevance, ranking, metrics } of golden) {
      for (const k of [1, 5, 10]) {
        expect(METRICS[name](k, ranking, new Map(Object.entries(relevance)))).toBeCloseTo(metrics[`${name}${k}`]!, 8);
      }
    }
  });

  it('is 0 without a result, and 1 for the best order where there is room for all', () => {
    assert(
      property(relevances, (relevance) => {
        const best = [...relevance].toSorted((a, b) => b[1] - a[1]).map(([item]) => item);
        for (const metric of Object.values(METRICS)) expect(metric(10, [], relevance)).toBe(0);
        for (const name of ['r', 'hit', 'ndcg', 'mrr'] as const) expect(METRICS[name](10, best, relevance)).toBe(1);
      }),
    );
  });

  it('stays in 0..1 and does not look past k', () => {
    assert(
      property(rankings, relevances, (ranking, relevance) => {
        for (const metric of Object.values(METRICS)) {
          const value = metric(5, ranking, relevance);
          expect(value).toBeGreaterThanOrEqual(0);
          expect(value).toBeLessThanOrEqual(1);
          expect(metric(5, ranking.slice(0, 5), relevance)).toBe(value);
        }
      }),
    );
  });
});
