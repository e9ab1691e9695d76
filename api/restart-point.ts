import type { History } from '@temporalio/common/lib/proto-utils.js';

type HistoryEvent = NonNullable<History['events']>[number];
/** A 64-bit number of the protocol. */
type EventId = NonNullable<HistoryEvent['eventId']>;

/** Activities whose failure the run makes do without; any other one that fails for good fails the run. */
const OPTIONAL_ACTIVITIES: ReadonlySet<string> = new Set(['diarize', 'contextualize']);

/**
 * Where a run that came to nothing goes on: the id of the workflow task that Temporal resets it to, which is done anew with all that
 * follows. For a failed run that is the task that scheduled the activity which failed it: the first required one that failed, as what
 * failed after it only cleaned up. A run that was cut off (cancelled, terminated, timed out) goes on from its last task before that.
 * `undefined` where the history holds no such task.
 */
export function findRestartPoint({ events }: History): EventId | undefined {
  const all = events ?? [];
  const failed = findFatalActivity(all);
  if (failed !== undefined) return failed.activityTaskScheduledEventAttributes?.workflowTaskCompletedEventId ?? undefined;
  // It fell over by itself, and would again: nothing that a later attempt of an activity could mend.
  if (all.at(-1)?.workflowExecutionFailedEventAttributes) return undefined;
  const cancelledAt = all.findIndex((event) => event.workflowExecutionCancelRequestedEventAttributes);
  const untroubled = cancelledAt === -1 ? all : all.slice(0, cancelledAt);
  return untroubled.findLast((event) => event.workflowTaskCompletedEventAttributes)?.eventId ?? undefined;
}

function findFatalActivity(events: readonly HistoryEvent[]): HistoryEvent | undefined {
  const activities = events.filter((event) => event.activityTaskScheduledEventAttributes);
  const byId = new Map(activities.map((event) => [event.eventId?.toString(), event]));
  for (const { activityTaskFailedEventAttributes: failure, activityTaskTimedOutEventAttributes: timeout } of events) {
    const activity = byId.get((failure ?? timeout)?.scheduledEventId?.toString());
    const name = activity?.activityTaskScheduledEventAttributes?.activityType?.name;
    if (typeof name === 'string' && !OPTIONAL_ACTIVITIES.has(name)) return activity;
  }
  return undefined;
}
