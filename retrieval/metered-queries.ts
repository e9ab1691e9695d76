import type { Metric, MetricSource } from '../contracts/metrics.ts';
import type { QueryService } from './query.ts';

/** Upper bounds in seconds: from what a cache answers to what a language model takes. */
const BUCKETS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];

/** What is asked for: passages alone, or an answer as well. */
type Kind = 'search' | 'answer';

interface Durations {
  /** How many took at most as long as each bucket and longer than the one before; one more for all that took longer. */
  counts: number[];
  sumSeconds: number;
}

export interface MeteredQueries extends QueryService {
  metrics: MetricSource;
}

/** Counts how long queries take that succeed; those that fail are the log's. */
export function meterQueries(queries: QueryService): MeteredQueries {
  const durations: Record<Kind, Durations> = { search: noDurations(), answer: noDurations() };
  return {
    async query(tenantId, request, signal, onEvent) {
      const started = performance.now();
      const response = await queries.query(tenantId, request, signal, onEvent);
      const seconds = (performance.now() - started) / 1000;
      const kind = durations[request.answer ? 'answer' : 'search'];
      const bucket = BUCKETS.findIndex((bound) => seconds <= bound);
      kind.counts[bucket < 0 ? BUCKETS.length : bucket]! += 1;
      kind.sumSeconds += seconds;
      return response;
    },
    metrics: () => [
      {
        name: 'lectern_query_seconds',
        help: 'How long queries took that succeeded, by what was asked for.',
        type: 'histogram',
        samples: Object.entries(durations).flatMap(([kind, held]) => toSamples(kind, held)),
      },
    ],
  };
}

function noDurations(): Durations {
  return { counts: Array<number>(BUCKETS.length + 1).fill(0), sumSeconds: 0 };
}

/** Buckets of this format hold all that is below their bound. */
function toSamples(kind: string, { counts, sumSeconds }: Durations): Metric['samples'] {
  let total = 0;
  const buckets = counts.map((count, at) => {
    total += count;
    return { suffix: '_bucket' as const, labels: { kind, le: at < BUCKETS.length ? String(BUCKETS[at]) : '+Inf' }, value: total };
  });
  return [...buckets, { suffix: '_sum', labels: { kind }, value: sumSeconds }, { suffix: '_count', labels: { kind }, value: total }];
}
