import type { Job } from '../contracts/api.ts';
import { formatTime } from './output.ts';

type StageOfJob = Job['stages'][number];

/** Sooner than this a rate says nothing. */
const MIN_OBSERVED_MS = 10_000;
/** On a pipe a line for each of so many steps of a stage. */
const STEPS = 10;

/** How far a job is: `text` for now; `milestone` changes where a line of a log is due. */
export interface JobProgress {
  text: string;
  milestone: string;
}

/** Follows one job from poll to poll, and tells from its pace what is left: `transcribe 12:30 of 46:10, 4 min left, diarize`. */
export function followJob(now: () => number = Date.now): (job: Job) => JobProgress {
  const firstSeen = new Map<string, { atMs: number; doneSeconds: number }>();
  const remainingOf = ({ stage, doneSeconds, totalSeconds }: StageOfJob): string => {
    if (doneSeconds === undefined || totalSeconds === undefined) return '';
    const first = firstSeen.get(stage) ?? { atMs: now(), doneSeconds };
    firstSeen.set(stage, first);
    const elapsedMs = now() - first.atMs;
    const gained = doneSeconds - first.doneSeconds;
    if (elapsedMs < MIN_OBSERVED_MS || gained <= 0 || doneSeconds >= totalSeconds) return '';
    return `, ${describeRemaining(((totalSeconds - doneSeconds) / gained) * (elapsedMs / 1000))} left`;
  };
  return (job) => {
    const running = job.stages.filter(({ state }) => state === 'running');
    if (running.length === 0) return { text: job.stage ?? job.state, milestone: job.stage ?? job.state };
    return {
      text: running.map((stage) => stage.stage + describeExtent(stage) + remainingOf(stage)).join('; '),
      milestone: running.map(milestoneOf).join(' '),
    };
  };
}

/** ` 12:30 of 46:10`, or ` 3/7`, or nothing: how far a stage is. */
export function describeExtent({ done, total, doneSeconds, totalSeconds }: StageOfJob): string {
  if (doneSeconds !== undefined && totalSeconds !== undefined) return ` ${formatTime(doneSeconds)} of ${formatTime(totalSeconds)}`;
  return total === undefined ? '' : ` ${done ?? 0}/${total}`;
}

function milestoneOf({ stage, doneSeconds = 0, totalSeconds }: StageOfJob): string {
  return totalSeconds === undefined || totalSeconds === 0 ? stage : `${stage} ${Math.floor((doneSeconds / totalSeconds) * STEPS)}`;
}

function describeRemaining(seconds: number): string {
  return seconds < 90 ? `${Math.max(1, Math.round(seconds))} s` : `${Math.round(seconds / 60)} min`;
}
