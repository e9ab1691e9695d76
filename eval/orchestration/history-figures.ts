import type { IngestRun } from './measured-stack.ts';
import { percentile, round, sum } from './statistics.ts';

type History = Awaited<ReturnType<IngestRun['fetchHistory']>>;
type HistoryEvent = NonNullable<History['events']>[number];

/** What Temporal took for one activity, in milliseconds. */
export interface StageOverhead {
  activity: string;
  /** From scheduled to begun: the queue, with the work of others before it. */
  queueMs: number;
  /** From its end to the end of the workflow task that it led to: what comes next is scheduled then. */
  decideMs: number;
}

/** Of each activity of a run that has ended, in the order in which they ended. */
export function readStageOverheads({ events }: History): StageOverhead[] {
  const all = events ?? [];
  const byId = new Map(all.map((event) => [Number(event.eventId), event]));
  return all.flatMap((event, at) => {
    const completed = event.activityTaskCompletedEventAttributes;
    if (!completed) return [];
    const scheduled = byId.get(Number(completed.scheduledEventId));
    const started = byId.get(Number(completed.startedEventId));
    const decided = all.slice(at).find(({ workflowTaskCompletedEventAttributes }) => Boolean(workflowTaskCompletedEventAttributes));
    const activity = scheduled?.activityTaskScheduledEventAttributes?.activityType?.name;
    if (scheduled === undefined || started === undefined || decided === undefined || !activity) return [];
    return [{ activity, queueMs: timeOf(started) - timeOf(scheduled), decideMs: timeOf(decided) - timeOf(event) }];
  });
}

/** Medians by activity, and all of a run together. */
export function summarizeOverheads(runs: readonly StageOverhead[][]): {
  stages: { activity: string; queueMs: number; decideMs: number }[];
  wholeRunMs: { p50: number; p95: number };
} {
  const all = runs.flat();
  const names = [...new Set(all.map(({ activity }) => activity))];
  const totals = runs.map((run) => sum(run.map(({ queueMs, decideMs }) => queueMs + decideMs)));
  return {
    stages: names.map((activity) => {
      const of = all.filter((one) => one.activity === activity);
      const median = (pick: (one: StageOverhead) => number) => round(percentile(of.map(pick), 0.5));
      return { activity, queueMs: median(({ queueMs }) => queueMs), decideMs: median(({ decideMs }) => decideMs) };
    }),
    wholeRunMs: { p50: round(percentile(totals, 0.5)), p95: round(percentile(totals, 0.95)) },
  };
}

/** Milliseconds since 1970. */
function timeOf({ eventTime }: HistoryEvent): number {
  return Number(eventTime?.seconds ?? 0) * 1_000 + (eventTime?.nanos ?? 0) / 1e6;
}
