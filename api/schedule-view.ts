import type { ScheduleDescription, ScheduleSummary } from '@temporalio/client';
import type { TenantId } from '../contracts/identity.ts';
import { reindexWorkflowId, type ReindexInput, type ScheduleView } from '../contracts/reindex.ts';

const SHOWN_TIMES = 3;
const DAY_SECONDS = 86_400;

/** Ids of schedules begin with their tenant, as those of workflows do. */
export function toSchedulePrefix(tenantId: TenantId): string {
  return `${tenantId}/`;
}

/** A summary of a list lacks what a description has. */
export function toScheduleView(tenantId: TenantId, schedule: ScheduleSummary | ScheduleDescription): ScheduleView {
  const { scheduleId, state, info } = schedule;
  const prefix = reindexWorkflowId(tenantId, '');
  const input = schedule.action !== undefined && 'args' in schedule.action ? (schedule.action.args?.[0] as ReindexInput) : undefined;
  return {
    scheduleId: scheduleId.slice(toSchedulePrefix(tenantId).length),
    paused: state.paused,
    ...(input === undefined ? {} : { semester: input.semester, options: toOptions(input) }),
    nextAt: info.nextActionTimes.slice(0, SHOWN_TIMES).map((time) => time.toISOString()),
    recent: info.recentActions.map(({ takenAt, action }) => ({
      reindexId: action.workflow.workflowId.slice(prefix.length),
      startedAt: takenAt.toISOString(),
    })),
  };
}

function toOptions({ options: { wayBackSeconds, ...options } }: ReindexInput): NonNullable<ScheduleView['options']> {
  return { ...options, wayBackDays: wayBackSeconds / DAY_SECONDS };
}
