import { ScheduleAlreadyRunning, ScheduleNotFoundError, type Client, type ScheduleHandle, type ScheduleOptions } from '@temporalio/client';
import { LecternError } from '../contracts/errors.ts';
import type { TenantId } from '../contracts/identity.ts';
import {
  REINDEX_WORKFLOW,
  reindexWorkflowId,
  type Backfill,
  type NewSchedule,
  type ReindexInput,
  type ScheduleView,
} from '../contracts/reindex.ts';
import { PRIORITY_KEYS, TASK_QUEUES } from '../contracts/stages.ts';
import { toSchedulePrefix, toScheduleView } from './schedule-view.ts';
import { createTemporalCall } from './temporal-call.ts';

/** Re-indexes at set times. Errors: `not-found`, `conflict` (there is one of this id), `invalid-input`, `unavailable`. */
export interface Schedules {
  create(tenantId: TenantId, schedule: NewSchedule): Promise<ScheduleView>;
  /** By id. A new one is there after a moment. */
  list(tenantId: TenantId): Promise<ScheduleView[]>;
  get(tenantId: TenantId, scheduleId: string): Promise<ScheduleView>;
  pause(tenantId: TenantId, scheduleId: string): Promise<ScheduleView>;
  resume(tenantId: TenantId, scheduleId: string): Promise<ScheduleView>;
  /** Starts a re-index now, paused or not, unless one of this schedule runs. */
  trigger(tenantId: TenantId, scheduleId: string): Promise<ScheduleView>;
  backfill(tenantId: TenantId, scheduleId: string, times: Backfill): Promise<ScheduleView>;
  /** What it has started goes on. */
  delete(tenantId: TenantId, scheduleId: string): Promise<void>;
}

const DAY_SECONDS = 86_400;
/** A schedule is a workflow of Temporal's own: what is asked of it waits for its next task, which a busy server may keep for seconds. */
const CALL_MS = 20_000;

export function createSchedules(client: Client): Schedules {
  const callTemporal = createTemporalCall(client, CALL_MS);
  const call = async <T>(work: () => Promise<T>): Promise<T> => {
    try {
      return await callTemporal(work);
    } catch (error) {
      throw toScheduleError(error);
    }
  };
  // The tenant is the caller's own: a foreign schedule is simply not found.
  const handleOf = (tenantId: TenantId, scheduleId: string): ScheduleHandle =>
    client.schedule.getHandle(`${toSchedulePrefix(tenantId)}${scheduleId}`);
  const get: Schedules['get'] = async (tenantId, scheduleId) =>
    toScheduleView(tenantId, await call(() => handleOf(tenantId, scheduleId).describe()));
  const change =
    (work: (handle: ScheduleHandle) => Promise<void>) =>
    async (tenantId: TenantId, scheduleId: string): Promise<ScheduleView> => {
      await call(() => work(handleOf(tenantId, scheduleId)));
      return get(tenantId, scheduleId);
    };

  return {
    async create(tenantId, schedule) {
      await call(() => client.schedule.create(toScheduleOptions(tenantId, schedule)).catch(refuseTimes));
      return get(tenantId, schedule.scheduleId);
    },
    list: (tenantId) =>
      call(async () => {
        const views: ScheduleView[] = [];
        for await (const summary of client.schedule.list({ query: `LecternTenant = '${tenantId}'` })) {
          if (summary.scheduleId.startsWith(toSchedulePrefix(tenantId))) views.push(toScheduleView(tenantId, summary));
        }
        return views.sort((a, b) => (a.scheduleId < b.scheduleId ? -1 : 1));
      }),
    get,
    pause: change((handle) => handle.pause('paused through Lectern')),
    resume: change((handle) => handle.unpause('resumed through Lectern')),
    trigger: change((handle) => handle.trigger()),
    async backfill(tenantId, scheduleId, { from, to }) {
      const times = { start: new Date(from), end: new Date(to), overlap: 'BUFFER_ALL' as const };
      return change((handle) => handle.backfill(times))(tenantId, scheduleId);
    },
    delete: (tenantId, scheduleId) => call(() => handleOf(tenantId, scheduleId).delete()),
  };
}

/**
 * A re-index that would begin while the one before runs or is held is left out. A day of Temporal's absence is made up for, once. Low
 * priority: the SDK's type of an action lacks it, the server has it.
 */
function toScheduleOptions(tenantId: TenantId, schedule: NewSchedule): ScheduleOptions {
  const { scheduleId, semester, cron, timezone, paused, window, margin, hold, wayBackDays } = schedule;
  const options = { window, margin, hold, wayBackSeconds: wayBackDays * DAY_SECONDS };
  const input: ReindexInput = { tenantId, semester, options };
  const attributes = { LecternTenant: tenantId, LecternSemester: semester, LecternPriority: 'low' };
  const typedSearchAttributes = Object.entries(attributes).map(([name, value]) => ({ key: { name, type: 'KEYWORD' as const }, value }));
  return {
    scheduleId: `${toSchedulePrefix(tenantId)}${scheduleId}`,
    spec: { cronExpressions: [cron], timezone },
    policies: { overlap: 'SKIP', catchupWindow: '1 day' },
    state: { paused },
    typedSearchAttributes: typedSearchAttributes.filter(({ key }) => key.name !== 'LecternPriority'),
    action: {
      type: 'startWorkflow',
      workflowType: REINDEX_WORKFLOW,
      workflowId: reindexWorkflowId(tenantId, scheduleId),
      taskQueue: TASK_QUEUES.cpu,
      args: [input],
      typedSearchAttributes,
      ...({ priority: { priorityKey: PRIORITY_KEYS.low, fairnessKey: tenantId } } as object),
    },
  };
}

/** What Temporal finds wrong with cron expression or time zone, its client throws as a `TypeError`. */
function refuseTimes(error: unknown): never {
  if (!(error instanceof TypeError)) throw error;
  throw new LecternError('invalid-input', error.message, { cure: 'Correct the cron expression or the time zone.', cause: error });
}

function toScheduleError(error: unknown): unknown {
  if (error instanceof ScheduleNotFoundError) return new LecternError('not-found', 'there is no such schedule', { cause: error });
  if (error instanceof ScheduleAlreadyRunning) {
    return new LecternError('conflict', 'there is a schedule of this id', { cure: 'Delete it first, or choose another id.', cause: error });
  }
  return error;
}
