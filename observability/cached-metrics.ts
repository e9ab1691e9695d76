import type { Metric } from '../contracts/metrics.ts';

/** Whoever scrapes gives up after some seconds, and would lose all other numbers with these. */
const WAIT_MS = 1_000;

/**
 * Numbers that have to be asked for, asked for at most every `maxAgeMs`, however often they are scraped. Where they cannot be had, or
 * not at once, they are left out: old numbers would look like new ones.
 */
export function cacheMetrics(
  read: () => Promise<Metric[]>,
  maxAgeMs: number,
  now: () => number = () => performance.now(),
): () => Promise<Metric[]> {
  let latest: Promise<Metric[]> | undefined;
  let readAt = 0;
  return () => {
    if (latest === undefined || now() - readAt >= maxAgeMs) {
      readAt = now();
      latest = read().catch(() => []);
    }
    return orNothing(latest);
  };
}

async function orNothing(metrics: Promise<Metric[]>): Promise<Metric[]> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<Metric[]>((resolve) => (timer = setTimeout(() => resolve([]), WAIT_MS)));
  try {
    return await Promise.race([metrics, late]);
  } finally {
    clearTimeout(timer);
  }
}
