import type { MetricSource } from '../contracts/metrics.ts';
import { createHistogram } from '../observability/histogram.ts';
import type { QueryService } from './query.ts';

/** Upper bounds in seconds: from what a cache answers to what a language model takes. */
const BUCKETS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];

export interface MeteredQueries extends QueryService {
  metrics: MetricSource;
}

/** Counts how long queries take that succeed; those that fail are the log's. */
export function meterQueries(queries: QueryService): MeteredQueries {
  const durations = createHistogram({
    name: 'lectern_query_seconds',
    help: 'How long queries took that succeeded, by what was asked for.',
    buckets: BUCKETS,
    known: [{ kind: 'search' }, { kind: 'answer' }],
  });
  return {
    async query(tenantId, request, signal, onEvent) {
      const started = performance.now();
      const response = await queries.query(tenantId, request, signal, onEvent);
      durations.observe({ kind: request.answer ? 'answer' : 'search' }, (performance.now() - started) / 1000);
      return response;
    },
    metrics: durations.metrics,
  };
}
