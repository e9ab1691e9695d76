import type { Client } from '@temporalio/client';
import type { JobState } from '../contracts/api.ts';
import type { Metric } from '../contracts/metrics.ts';
import { INGEST_WORKFLOW } from '../contracts/stages.ts';
import { cacheMetrics } from '../observability/cached-metrics.ts';
import { toJobState } from './job-view.ts';

/** As often as Prometheus asks by default. */
const MAX_AGE_MS = 15_000;

const STATES: readonly JobState[] = ['running', 'completed', 'failed', 'cancelled', 'terminated'];

/** How many ingests Temporal knows of by state, of all tenants; those that it has forgotten (its retention) are not counted. */
export function createJobMetrics(client: Pick<Client, 'workflow'>): () => Promise<Metric[]> {
  return cacheMetrics(async () => {
    const { groups } = await client.workflow.count(`WorkflowType = '${INGEST_WORKFLOW}' GROUP BY ExecutionStatus`);
    const counts = new Map<JobState, number>(STATES.map((state) => [state, 0]));
    for (const { count, groupValues } of groups) {
      const state = toJobState(toStatusName(groupValues[0]));
      counts.set(state, (counts.get(state) ?? 0) + count);
    }
    const samples = [...counts].map(([state, value]) => ({ labels: { state }, value }));
    return [{ name: 'lectern_jobs', help: 'Ingests that Temporal remembers, by state.', type: 'gauge', samples }];
  }, MAX_AGE_MS);
}

/** Visibility says `TimedOut` where the rest of the client says `TIMED_OUT`. */
function toStatusName(value: unknown): Parameters<typeof toJobState>[0] {
  return String(value)
    .replaceAll(/(?<=[a-z])(?=[A-Z])/g, '_')
    .toUpperCase() as Parameters<typeof toJobState>[0];
}
