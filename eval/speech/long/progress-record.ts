/** How far a progress told the truth. */
export interface ProgressTruth {
  reports: number;
  /** Reports that were below the one before. */
  wentBack: number;
  /** Largest difference between the share said to be done and the share of the time that had gone, 0 to 1. */
  largestLead: number;
  lastShare: number;
}

/** Writes down a progress as it is reported, and judges it at the end. */
export function recordProgress(now: () => number = () => performance.now()): {
  report: (share: number) => void;
  judge: () => ProgressTruth;
} {
  const started = now();
  const reports: { at: number; share: number }[] = [];
  return {
    report: (share) => void reports.push({ at: now() - started, share }),
    judge() {
      const total = now() - started;
      return {
        reports: reports.length,
        wentBack: reports.filter(({ share }, index) => share < (reports[index - 1]?.share ?? 0)).length,
        largestLead: Math.max(0, ...reports.map(({ at, share }) => Math.abs(share - at / total))),
        lastShare: reports.at(-1)?.share ?? 0,
      };
    },
  };
}
