import type { Metric } from '../contracts/metrics.ts';

/**
 * Numbers that have to be asked for, asked for at most every `maxAgeMs`, however often they are scraped. Where they cannot be had they
 * are left out: old numbers would look like new ones.
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
    return latest;
  };
}
