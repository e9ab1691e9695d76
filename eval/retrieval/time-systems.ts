import { performance } from 'node:perf_hooks';
import type { QueryFilters } from '../../contracts/query.ts';
import type { Rank } from './systems.ts';

/** As many as a reader sees by default. */
const LIMIT = 5;

const WARM_UP_QUESTIONS = 5;

const NO_FILTERS: QueryFilters = {};

export interface Latency {
  p50Ms: number;
  p95Ms: number;
}

/**
 * Milliseconds of a warm query, encoding of the question included, one query at a time. Systems take turns question by question, so
 * that what else the machine does hits all of them alike.
 */
export async function timeSystems(systems: ReadonlyMap<string, Rank>, questions: readonly string[]): Promise<Map<string, Latency>> {
  const times = new Map([...systems.keys()].map((name): [string, number[]] => [name, []]));
  for (const [turn, question] of [...questions.slice(0, WARM_UP_QUESTIONS), ...questions].entries()) {
    for (const [name, rank] of systems) {
      const start = performance.now();
      await rank(question, NO_FILTERS, LIMIT);
      if (turn >= WARM_UP_QUESTIONS) times.get(name)!.push(performance.now() - start);
    }
  }
  return new Map([...times].map(([name, all]) => [name, { p50Ms: quantile(all, 0.5), p95Ms: quantile(all, 0.95) }]));
}

function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return Number((sorted[Math.min(Math.floor(share * sorted.length), sorted.length - 1)] ?? Number.NaN).toFixed(2));
}
