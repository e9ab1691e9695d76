import { randomUUID } from 'node:crypto';
import type { Client } from '@temporalio/client';
import type { BulkRetry, BulkRetryView } from '../contracts/dead-letters.ts';
import type { TenantId } from '../contracts/identity.ts';
import type { BulkRetryCounts, BulkRetryInput } from '../contracts/retry-workflow.ts';
import { PRIORITY_KEYS, PROGRESS_QUERY, RETRY_WORKFLOW, TASK_QUEUES } from '../contracts/stages.ts';
import { toJobState } from './job-view.ts';
import { createTemporalCall } from './temporal-call.ts';

const NOTHING_YET: BulkRetryCounts = { retried: 0, refused: 0 };
/** A query waits for a worker; without one the counts are what they were. */
const QUERY_MS = 2_000;

/** Starts the retry of all failed ingests that match and ended before now; the workflow goes on by itself. Errors: `unavailable`. */
export async function startBulkRetry(client: Client, tenantId: TenantId, { perMinute, ...filter }: BulkRetry): Promise<BulkRetryView> {
  const retryId = randomUUID();
  const input: BulkRetryInput = { tenantId, filter, perMinute, until: new Date().toISOString(), done: [], counts: NOTHING_YET };
  await createTemporalCall(client)(() =>
    client.workflow.start(RETRY_WORKFLOW, {
      workflowId: toWorkflowId(tenantId, retryId),
      taskQueue: TASK_QUEUES.cpu,
      args: [input],
      typedSearchAttributes: [{ key: { name: 'LecternTenant', type: 'KEYWORD' }, value: tenantId }],
      // Its turn among the tenants; the ingests that it lets go on keep their own.
      priority: { priorityKey: PRIORITY_KEYS.normal, fairnessKey: tenantId },
      staticSummary: `Retry of failed ingests, ${perMinute} a minute`,
    }),
  );
  return { retryId, state: 'running', ...NOTHING_YET };
}

/** How far it is. Errors: `not-found`, `unavailable`. */
export async function readBulkRetry(client: Client, tenantId: TenantId, retryId: string): Promise<BulkRetryView> {
  const handle = client.workflow.getHandle(toWorkflowId(tenantId, retryId));
  const { status } = await createTemporalCall(client)(() => handle.describe());
  return { retryId, state: toJobState(status.name), ...(await readCounts(client, () => handle.query<BulkRetryCounts>(PROGRESS_QUERY))) };
}

/** Asks it to stop, unless it has ended; what it has retried goes on. Errors: `not-found`, `unavailable`. */
export async function stopBulkRetry(client: Client, tenantId: TenantId, retryId: string): Promise<BulkRetryView> {
  const before = await readBulkRetry(client, tenantId, retryId);
  if (before.state !== 'running') return before;
  await createTemporalCall(client)(() => client.workflow.getHandle(toWorkflowId(tenantId, retryId)).cancel());
  return readBulkRetry(client, tenantId, retryId);
}

async function readCounts(client: Client, query: () => Promise<BulkRetryCounts>): Promise<BulkRetryCounts> {
  try {
    return await client.withDeadline(Date.now() + QUERY_MS, query);
  } catch {
    // Without a worker to ask, what is certain is that it is there.
    return NOTHING_YET;
  }
}

function toWorkflowId(tenantId: TenantId, retryId: string): string {
  return `${tenantId}/retry/${retryId}`;
}
