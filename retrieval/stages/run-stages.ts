import type { Clock } from '../clock.ts';
import type { FoundPassage } from '../read-passages.ts';
import type { SearchStage, StageContext } from '../search-stage.ts';
import type { StageCosts } from './stage-costs.ts';

/** What a stage that was cut off would have taken is not known: as what it got, it would be begun, and cut off, every time. */
const CUT_OFF_FACTOR = 2;

/** Until when a search may run. */
export interface Budget {
  clock: Clock;
  /** On the clock's scale; `Infinity` for none. */
  deadlineMs: number;
  costs: StageCosts;
}

export interface StagedPassages {
  passages: FoundPassage[];
  /** Stages that were left out, or cut off, to keep to the budget; in their order. */
  skipped: string[];
}

/**
 * Runs the stages one after another as far as the budget goes: one whose last runs say that it will not be done in time is
 * left out, and one that is not done in time after all is cut off; the passages then stay as they were before it. Without
 * a deadline every stage runs. Errors of a stage, and of the caller's signal, are the caller's.
 */
export async function runStages(
  stages: readonly SearchStage[],
  found: FoundPassage[],
  context: StageContext,
  { clock, deadlineMs, costs }: Budget,
  onDone: (stage: string) => void,
): Promise<StagedPassages> {
  const skipped: string[] = [];
  let passages = found;
  for (const stage of stages) {
    const started = clock.now();
    const leftMs = deadlineMs - started;
    if (leftMs <= 0 || costs.estimateMs(stage.name) > leftMs) {
      costs.leftOut(stage.name);
      skipped.push(stage.name);
      continue;
    }
    const improved = await runUntil(stage, passages, context, leftMs === Infinity ? undefined : clock.abortAfter(leftMs));
    const tookMs = clock.now() - started;
    costs.ran(stage.name, improved === 'late' ? tookMs * CUT_OFF_FACTOR : tookMs);
    if (improved === 'late') skipped.push(stage.name);
    else passages = improved;
    onDone(stage.name);
  }
  return { passages, skipped };
}

/** The stage's passages, or `late` as soon as the deadline comes first: whatever the stage still does is nobody's. */
async function runUntil(
  stage: SearchStage,
  passages: FoundPassage[],
  context: StageContext,
  deadline: AbortSignal | undefined,
): Promise<FoundPassage[] | 'late'> {
  if (deadline === undefined) return stage.run(passages, context);
  const signal = context.signal === undefined ? deadline : AbortSignal.any([context.signal, deadline]);
  const late = new Promise<'late'>((resolve) => {
    deadline.addEventListener('abort', () => resolve('late'), { once: true });
  });
  const run = stage.run(passages, { ...context, signal }).catch((error: unknown) => {
    // A stage that heeds the signal ends with its reason.
    if (deadline.aborted && context.signal?.aborted !== true) return 'late' as const;
    throw error;
  });
  return Promise.race([run, late]);
}
