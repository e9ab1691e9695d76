import { setTimeout as sleep } from 'node:timers/promises';
import type { Client } from '@temporalio/client';
import { WorkflowNotFoundError } from '@temporalio/common';
import { eraseWorkflowId } from '../contracts/erase-workflow.ts';
import type { TenantId } from '../contracts/identity.ts';

interface Run {
  workflowId: string;
  runId: string;
}

/** What of a tenant is in Temporal. The erasure's own run is not counted and not touched. */
export interface TenantRuns {
  /** Asks every run to stop, and ends what has not after a minute. */
  stop(tenantId: TenantId, signal: AbortSignal): Promise<{ stopped: number; terminated: number }>;
  deleteSchedules(tenantId: TenantId): Promise<number>;
  /** Returns when Temporal finds no history any more: it lists a deleted one for half a minute after its run has closed. */
  deleteHistories(tenantId: TenantId, signal: AbortSignal): Promise<number>;
  count(tenantId: TenantId): Promise<{ schedules: number; workflows: number }>;
}

/** An activity hears of its cancellation with its next heartbeat. */
const STOP_MS = 60_000;
const POLL_MS = 1_000;
const AT_ONCE = 10;
const NOT_FOUND = 5;

/** The runs, schedules and histories of a tenant in Temporal, found by search attribute and by their ids, which begin with the tenant. */
export function createTenantRuns(client: Client): TenantRuns {
  const { namespace } = client.options;
  const list = (tenantId: TenantId, condition = ''): Promise<Run[]> => listRuns(client, namespace, `${ofTenant(tenantId)}${condition}`);
  const listOpen = (tenantId: TenantId): Promise<Run[]> => list(tenantId, " AND ExecutionStatus = 'Running'");

  return {
    async stop(tenantId, signal) {
      const asked = new Set<string>();
      const deadline = Date.now() + STOP_MS;
      for (let open = await listOpen(tenantId); open.length > 0; open = await listOpen(tenantId)) {
        if (Date.now() > deadline) {
          await forEachAtOnce(open, (run) => handleOf(client, run).terminate('the tenant is being erased'));
          return { stopped: asked.size, terminated: open.length };
        }
        await forEachAtOnce(
          open.filter(({ runId }) => !asked.has(runId)),
          (run) => handleOf(client, run).cancel(),
        );
        for (const { runId } of open) asked.add(runId);
        await sleep(POLL_MS, undefined, { signal });
      }
      return { stopped: asked.size, terminated: 0 };
    },

    async deleteSchedules(tenantId) {
      const ids = await listSchedules(client, tenantId);
      await forEachAtOnce(ids, async (id) => {
        await client.schedule.getHandle(id).delete();
        // What it was is still the history of the server's own workflow.
        await deleteRun(client, namespace, { workflowId: `temporal-sys-scheduler:${id}`, runId: '' });
      });
      return ids.length;
    },

    async deleteHistories(tenantId, signal) {
      const deleted = new Set<string>();
      // Deleting takes effect at once, being found no more takes its time; a run that shows up meanwhile goes too.
      for (let found = await list(tenantId); found.length > 0; found = await list(tenantId)) {
        await forEachAtOnce(found, (run) => deleteRun(client, namespace, run));
        for (const { runId } of found) deleted.add(runId);
        await sleep(POLL_MS, undefined, { signal });
      }
      return deleted.size;
    },

    async count(tenantId) {
      return { workflows: (await list(tenantId)).length, schedules: (await listSchedules(client, tenantId)).length };
    },
  };
}

/** The id of a tenant holds nothing that would end the quotes. */
function ofTenant(tenantId: TenantId): string {
  return `(LecternTenant = '${tenantId}' OR WorkflowId STARTS_WITH '${tenantId}/') AND WorkflowId != '${eraseWorkflowId(tenantId)}'`;
}

/** Asked of the service itself: the client would decode every memo, which nobody can once the tenant's key is destroyed. */
async function listRuns(client: Client, namespace: string, query: string): Promise<Run[]> {
  const runs: Run[] = [];
  let nextPageToken: Uint8Array = new Uint8Array();
  do {
    const page = await client.workflowService.listWorkflowExecutions({ namespace, query, nextPageToken });
    for (const { execution } of page.executions) {
      runs.push({ workflowId: execution?.workflowId ?? '', runId: execution?.runId ?? '' });
    }
    nextPageToken = page.nextPageToken;
  } while (nextPageToken.length > 0);
  return runs;
}

async function listSchedules(client: Client, tenantId: TenantId): Promise<string[]> {
  const ids: string[] = [];
  for await (const { scheduleId } of client.schedule.list()) if (scheduleId.startsWith(`${tenantId}/`)) ids.push(scheduleId);
  return ids;
}

function handleOf(client: Client, { workflowId, runId }: Run): ReturnType<Client['workflow']['getHandle']> {
  return client.workflow.getHandle(workflowId, runId);
}

async function deleteRun(client: Client, namespace: string, workflowExecution: Run): Promise<void> {
  await client.workflowService.deleteWorkflowExecution({ namespace, workflowExecution });
}

/** A run that has ended, or gone, in the meantime needs nothing more. */
async function forEachAtOnce<T>(items: readonly T[], work: (item: T) => Promise<unknown>): Promise<void> {
  for (let from = 0; from < items.length; from += AT_ONCE) {
    await Promise.all(items.slice(from, from + AT_ONCE).map((item) => work(item).catch(unlessGone)));
  }
}

function unlessGone(error: unknown): void {
  if (error instanceof WorkflowNotFoundError) return;
  const code = (error as { code?: unknown; cause?: { code?: unknown } }).code ?? (error as { cause?: { code?: unknown } }).cause?.code;
  if (code !== NOT_FOUND) throw error;
}
