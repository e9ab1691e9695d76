import { readFileSync } from 'node:fs';
import { historyFromJSON, type History } from '@temporalio/common/lib/proto-utils.js';
import { describe, expect, it } from 'vitest';
import { findRestartPoint } from './restart-point.ts';

type Events = NonNullable<History['events']>;

/** A run of a real server, as the replay test keeps it. */
function recorded(path: string): Events {
  const text = readFileSync(new URL(`../tests/workflows/histories/${path}.json`, import.meta.url), 'utf8');
  return historyFromJSON(JSON.parse(text)).events ?? [];
}

/** The activities that a run which goes on from this task does anew. */
function doneAnew(events: Events, from: number): string[] {
  return events.flatMap(({ activityTaskScheduledEventAttributes: activity }) =>
    activity?.activityType?.name && Number(activity.workflowTaskCompletedEventId) >= from ? [activity.activityType.name] : [],
  );
}
const restartPoint = (events: Events): number => Number(findRestartPoint({ events }));

describe('findRestartPoint', () => {
  it('goes on from the stage that failed, not from the cleaning up after it', () => {
    const events = recorded('failed');
    const point = restartPoint(events);
    expect(doneAnew(events, point)).toEqual(['index', 'recordOutcome', 'discardGeneration']);
  });

  it('is not led astray by a cleaning up that failed as well', () => {
    const events = recorded('failed');
    const index = events.findIndex(({ activityTaskFailedEventAttributes: failed }) => failed);
    const recordOutcome = events.findLast(
      ({ activityTaskScheduledEventAttributes: activity }) => activity?.activityType?.name === 'recordOutcome',
    );
    const failedToo = { ...events[index]!, activityTaskFailedEventAttributes: { scheduledEventId: recordOutcome!.eventId! } };
    const both = [...events.slice(0, -1), failedToo, events.at(-1)!];
    expect(restartPoint(both)).toBe(restartPoint(events));
  });

  it('does not go back to a stage that the run made do without', () => {
    const events = recorded('degraded').slice(0, -1);
    const failed = events.findIndex(({ activityTaskFailedEventAttributes: failure }) => failure);
    const point = restartPoint(events);
    expect(failed).toBeGreaterThan(0);
    expect(point).toBeGreaterThan(Number(events[failed]!.eventId));
  });

  it('goes on from the last task before a cancellation', () => {
    const events = recorded('cancelled');
    const cancelled = events.find(({ workflowExecutionCancelRequestedEventAttributes: request }) => request);
    const point = restartPoint(events);
    expect(point).toBeLessThan(Number(cancelled!.eventId));
    expect(doneAnew(events, point)).toEqual(['recordOutcome']);
  });

  it('finds none in a history without a finished task, or of a run that fell over by itself', () => {
    expect(findRestartPoint({ events: [] })).toBeUndefined();
    const fell = recorded('failed').filter(({ activityTaskFailedEventAttributes: failure }) => !failure);
    expect(findRestartPoint({ events: fell })).toBeUndefined();
  });
});
