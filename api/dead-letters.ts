import type { Client, WorkflowExecutionInfo } from '@temporalio/client';
import type { DeadLetter, DeadLetterFilter } from '../contracts/dead-letters.ts';
import { parseIngestWorkflowId, toJobId, type TenantId } from '../contracts/identity.ts';
import { INGEST_WORKFLOW } from '../contracts/stages.ts';
import type { LectureStore } from '../storage/lectures.ts';
import { cureOf, toRunFailure } from './run-failure.ts';

export interface DeadLetterDeps {
  client: Client;
  lectures: Pick<LectureStore, 'get'>;
}

/** Runs looked up at once, which is also what a query of Temporal's may name. */
const BATCH = 100;
/** A tenant with more needs an operator, not a longer list; it also bounds what one request reads. */
const MOST_RUNS = 10_000;

/**
 * The failed ingests of a tenant, the last ended first: runs that failed, timed out or were terminated, unless a later run of the same
 * lecture counts or the lecture is gone. Temporal's visibility trails the runs by a moment. Errors: those of the Temporal client.
 */
export async function* listDeadLetters(
  { client, lectures }: DeadLetterDeps,
  tenantId: TenantId,
  filter: DeadLetterFilter & { until?: string | undefined },
): AsyncGenerator<DeadLetter> {
  const seen = new Set<string>();
  let batch: WorkflowExecutionInfo[] = [];
  let read = 0;
  for await (const run of client.workflow.list({ query: toQuery(tenantId, filter), pageSize: BATCH })) {
    read += 1;
    // The last run of a lecture comes first.
    if (!seen.has(run.workflowId)) batch.push(run);
    seen.add(run.workflowId);
    if (batch.length === BATCH) {
      yield* judge({ client, lectures }, tenantId, batch, filter);
      batch = [];
    }
    if (read === MOST_RUNS) break;
  }
  yield* judge({ client, lectures }, tenantId, batch, filter);
}

async function* judge(
  { client, lectures }: DeadLetterDeps,
  tenantId: TenantId,
  ended: readonly WorkflowExecutionInfo[],
  { kind, stage }: DeadLetterFilter,
): AsyncGenerator<DeadLetter> {
  const runs = ended.length === 0 ? new Map<string, WorkflowExecutionInfo[]>() : await findRuns(client, ended);
  for (const run of ended) {
    const all = runs.get(run.workflowId) ?? [run];
    const error = toRunFailure(run);
    const isMeant = (kind === undefined || error.kind === kind) && (stage === undefined || error.stage === stage);
    const isLast = all.every((other) => other.runId === run.runId || other.startTime <= run.startTime);
    const ids = parseIngestWorkflowId(run.workflowId);
    if (!isMeant || !isLast || ids?.tenantId !== tenantId || run.closeTime === undefined) continue;
    if ((await lectures.get(tenantId, ids.lectureId)) === undefined) continue;
    yield {
      jobId: toJobId(ids.lectureId, run.runId),
      lectureId: ids.lectureId,
      error,
      cure: cureOf(error),
      runs: all.length,
      startedAt: run.startTime.toISOString(),
      closedAt: run.closeTime.toISOString(),
    };
  }
}

/** Every run of these workflows, by workflow id. */
async function findRuns(client: Client, ended: readonly WorkflowExecutionInfo[]): Promise<Map<string, WorkflowExecutionInfo[]>> {
  const found = new Map<string, WorkflowExecutionInfo[]>();
  // The ids are ours: letters, digits, hyphens, underscores and slashes.
  const names = ended.map(({ workflowId }) => `'${workflowId}'`).join(', ');
  for await (const run of client.workflow.list({ query: `WorkflowId IN (${names})`, pageSize: BATCH })) {
    found.set(run.workflowId, [...(found.get(run.workflowId) ?? []), run]);
  }
  return found;
}

function toQuery(tenantId: TenantId, { since, until }: { since?: string | undefined; until?: string | undefined }): string {
  const conditions = [
    `LecternTenant = '${tenantId}'`,
    `WorkflowType = '${INGEST_WORKFLOW}'`,
    `ExecutionStatus IN ('Failed', 'TimedOut', 'Terminated')`,
    ...(since === undefined ? [] : [`CloseTime >= '${since}'`]),
    ...(until === undefined ? [] : [`CloseTime <= '${until}'`]),
  ];
  return conditions.join(' AND ');
}
