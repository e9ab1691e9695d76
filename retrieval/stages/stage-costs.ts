/** Runs that an estimate looks back on. */
const REMEMBERED = 32;
/** Of those, the share that an estimate covers: a stage that keeps to its budget nine times in ten is worth beginning. */
const COVERED = 0.9;
/** How much of an estimate is left after a run that it forbade: a slow moment must not close a stage for good. */
const AGEING = 0.9;

/** What stages take on this machine, learned from their own last runs. */
export interface StageCosts {
  /** Milliseconds that the next run of a stage will hardly exceed; 0 for one that never ran, so that it is tried. */
  estimateMs(stage: string): number;
  ran(stage: string, ms: number): void;
  /** The stage was left out for its estimate; each time makes the next attempt likelier. */
  leftOut(stage: string): void;
}

export function createStageCosts(): StageCosts {
  const runs = new Map<string, number[]>();
  return {
    estimateMs(stage) {
      const sorted = (runs.get(stage) ?? []).toSorted((a, b) => a - b);
      return sorted[Math.ceil(sorted.length * COVERED) - 1] ?? 0;
    },
    ran(stage, ms) {
      runs.set(stage, [...(runs.get(stage) ?? []), ms].slice(-REMEMBERED));
    },
    leftOut(stage) {
      runs.set(
        stage,
        (runs.get(stage) ?? []).map((ms) => ms * AGEING),
      );
    },
  };
}
