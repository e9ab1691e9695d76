import type { Metric } from '../../contracts/metrics.ts';

/** Hits and misses of caches by name. */
export function toCacheMetrics(caches: Readonly<Record<string, { hits: number; misses: number }>>): Metric[] {
  const samples = (kind: 'hits' | 'misses'): Metric['samples'] =>
    Object.entries(caches).map(([cache, stats]) => ({ labels: { cache }, value: stats[kind] }));
  return [
    { name: 'lectern_cache_hits_total', help: 'Look-ups that a cache answered.', type: 'counter', samples: samples('hits') },
    { name: 'lectern_cache_misses_total', help: 'Look-ups that a cache could not answer.', type: 'counter', samples: samples('misses') },
  ];
}
