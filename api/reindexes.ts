import { WorkflowUpdateFailedError, type Client, type WorkflowExecutionDescription } from '@temporalio/client';
import { isKind, LecternError } from '../contracts/errors.ts';
import type { TenantId } from '../contracts/identity.ts';
import {
  DECIDE_SIGNAL,
  REINDEX_WORKFLOW,
  reindexWorkflowId,
  ROLL_BACK_UPDATE,
  wayBackWorkflowId,
  type MovedLectures,
  type ReindexDecision,
  type ReindexList,
  type ReindexProgress,
  type ReindexView,
  type WayBackResult,
} from '../contracts/reindex.ts';
import { PROGRESS_QUERY } from '../contracts/stages.ts';
import { createTemporalCall } from './temporal-call.ts';

/** The re-indexes of a tenant. Errors: `not-found`, `conflict`, `unavailable`. */
export interface Reindexes {
  /** Running ones first, then the last closed first; at most 200. */
  list(tenantId: TenantId): Promise<ReindexList['reindexes']>;
  get(tenantId: TenantId, reindexId: string): Promise<ReindexView>;
  /** What becomes of a re-index that is held; `drop` stops one that is not so far yet. `conflict` when it has ended. */
  decide(tenantId: TenantId, reindexId: string, decision: ReindexDecision): Promise<ReindexView>;
  /** Back to what was there before the swap, at one moment; `conflict` when there is no way back. */
  rollBack(tenantId: TenantId, reindexId: string): Promise<ReindexView>;
}

/** A worker answers a query within this, also a busy one. */
const QUERY_MS = 2_000;
/** A roll back moves every lecture of a semester and its document. */
const ROLL_BACK_MS = 60_000;
const LISTED = 200;

export function createReindexes(client: Client): Reindexes {
  const call = createTemporalCall(client);
  const callLong = createTemporalCall(client, ROLL_BACK_MS);
  // The tenant is the caller's own: a foreign re-index is simply not found.
  const handleOf = (tenantId: TenantId, reindexId: string) => client.workflow.getHandle(reindexWorkflowId(tenantId, reindexId));
  const wayBackOf = (tenantId: TenantId, reindexId: string) => client.workflow.getHandle(wayBackWorkflowId(tenantId, reindexId));

  const readProgress = async (tenantId: TenantId, reindexId: string): Promise<ReindexProgress | undefined> => {
    try {
      return await createTemporalCall(client, QUERY_MS)(() => handleOf(tenantId, reindexId).query<ReindexProgress>(PROGRESS_QUERY));
    } catch {
      // A courtesy: without a worker to ask, the state still stands.
      return undefined;
    }
  };

  /** `undefined`: there never was a swap, or it is so long ago that nothing is known of it. */
  const readWayBack = async (tenantId: TenantId, reindexId: string): Promise<WayBackResult | 'open' | undefined> => {
    const handle = wayBackOf(tenantId, reindexId);
    try {
      const { status } = await call(() => handle.describe());
      if (status.name === 'RUNNING') return 'open';
      return status.name === 'COMPLETED' ? ((await call(() => handle.result())) as WayBackResult) : undefined;
    } catch (error) {
      if (isKind(error, 'not-found')) return undefined;
      throw error;
    }
  };

  const get: Reindexes['get'] = async (tenantId, reindexId) => {
    const description = await call(() => handleOf(tenantId, reindexId).describe());
    if (description.type !== REINDEX_WORKFLOW) throw notFound();
    const progress = await readProgress(tenantId, reindexId);
    const wayBack = progress?.state === 'swapped' ? await readWayBack(tenantId, reindexId) : undefined;
    return toView(reindexId, description, progress, wayBack);
  };

  return {
    list: (tenantId) =>
      call(async () => {
        const found: ReindexList['reindexes'] = [];
        const query = `LecternTenant = '${tenantId}' AND WorkflowType = '${REINDEX_WORKFLOW}' AND ExecutionStatus != 'ContinuedAsNew'`;
        for await (const { workflowId, startTime, closeTime, status } of client.workflow.list({ query })) {
          found.push({
            reindexId: workflowId.slice(reindexWorkflowId(tenantId, '').length),
            isRunning: status.name === 'RUNNING',
            startedAt: startTime.toISOString(),
            ...(closeTime === undefined ? {} : { closedAt: closeTime.toISOString() }),
          });
          if (found.length === LISTED) break;
        }
        return found;
      }),
    get,
    async decide(tenantId, reindexId, decision) {
      const { isRunning, state } = await get(tenantId, reindexId);
      if (!isRunning) throw new LecternError('conflict', `re-index ${reindexId} has ended`, { cure: 'Roll it back, if it was swapped.' });
      const handle = handleOf(tenantId, reindexId);
      const isStopped = decision === 'drop' && (state === 'running' || state === 'measuring');
      if (isStopped) await call(() => handle.cancel());
      else await call(() => handle.signal<[ReindexDecision]>(DECIDE_SIGNAL, decision));
      return get(tenantId, reindexId);
    },
    async rollBack(tenantId, reindexId) {
      const { canRollBack } = await get(tenantId, reindexId);
      if (!canRollBack) throw noWayBack(reindexId);
      try {
        await callLong(() => wayBackOf(tenantId, reindexId).executeUpdate<MovedLectures, []>(ROLL_BACK_UPDATE));
      } catch (error) {
        if (error instanceof WorkflowUpdateFailedError) throw new LecternError('unavailable', error.message, { cause: error });
        throw error;
      }
      return get(tenantId, reindexId);
    },
  };
}

function toView(
  reindexId: string,
  { status, startTime, closeTime }: WorkflowExecutionDescription,
  progress: ReindexProgress | undefined,
  wayBack: WayBackResult | 'open' | undefined,
): ReindexView {
  const isRunning = status.name === 'RUNNING';
  const rolledBack = wayBack !== undefined && wayBack !== 'open' ? wayBack.rolledBack : null;
  const ended = status.name === 'COMPLETED' || isRunning ? undefined : status.name === 'CANCELLED' ? 'cancelled' : 'failed';
  return {
    reindexId,
    isRunning,
    startedAt: new Date(progress?.startedAtMs ?? startTime).toISOString(),
    ...(closeTime === undefined ? {} : { closedAt: closeTime.toISOString() }),
    state: ended ?? (rolledBack === null ? (progress?.state ?? 'running') : 'rolledBack'),
    ...(progress === undefined ? {} : { progress: toCounts(progress) }),
    canRollBack: wayBack === 'open',
    ...(rolledBack === null ? {} : { rolledBack }),
  };
}

function toCounts({ state: _state, startedAtMs: _startedAtMs, ...counts }: ReindexProgress): NonNullable<ReindexView['progress']> {
  return counts;
}

function notFound(): LecternError {
  return new LecternError('not-found', 'there is nothing of this id');
}

function noWayBack(reindexId: string): LecternError {
  return new LecternError('conflict', `re-index ${reindexId} cannot be rolled back: it was not swapped, or its time is over`, {
    cure: 'Re-index the semester again with the models and settings of before.',
  });
}
