import { setCurrentDetails } from '@temporalio/workflow';
import type { ReindexInput, ReindexLectureResult, ReindexProgress } from '../contracts/reindex-workflow.ts';

/** Where a re-index is: kept for the query and the Temporal UI at once, and handed on to the run that continues it. */
export interface ProgressOfReindex {
  snapshot(): ReindexProgress;
  change(to: Partial<ReindexProgress>): void;
  /** Counts a lecture; `failed` where it came to nothing. */
  finish(result: ReindexLectureResult | 'failed'): void;
  /** Lectures that are done with, whatever became of them. */
  done(): number;
}

/** `lectures` is not known before the plan is. */
export function createReindexProgress({ semester, carried }: ReindexInput): ProgressOfReindex {
  let progress: ReindexProgress = carried ?? {
    state: 'running',
    semester,
    startedAtMs: Date.now(),
    lectures: 0,
    staged: 0,
    unchanged: 0,
    gone: 0,
    failed: 0,
    computedStages: 0,
    remainingSeconds: null,
    evaluation: null,
  };
  const done = () => progress.staged + progress.unchanged + progress.gone + progress.failed;
  const change: ProgressOfReindex['change'] = (to) => {
    progress = { ...progress, ...to };
    setCurrentDetails(toMarkdown(progress, done()));
  };
  return {
    snapshot: () => progress,
    change,
    done,
    finish(result) {
      const { state, computedStages } = result === 'failed' ? { state: result, computedStages: 0 } : result;
      progress = { ...progress, [state]: progress[state] + 1, computedStages: progress.computedStages + computedStages };
      const left = progress.lectures - done();
      const secondsEach = (Date.now() - progress.startedAtMs) / 1000 / done();
      change({ remainingSeconds: left === 0 ? null : Math.round(left * secondsEach) });
    },
  };
}

/** Shown as "current details" in the Temporal UI. */
function toMarkdown({ state, lectures, staged, unchanged, gone, failed, remainingSeconds }: ReindexProgress, done: number): string {
  const left = remainingSeconds === null ? '' : `, about ${remainingSeconds} s left`;
  return `${state}: ${done} of ${lectures} lectures (${staged} staged, ${unchanged} unchanged, ${gone} gone, ${failed} failed)${left}`;
}
