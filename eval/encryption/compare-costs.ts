/** Of one piece of work. */
export interface Cost {
  seconds: number;
  /** Of this process, all its threads. */
  cpuSeconds: number;
}

/** Medians, and encrypted to plain. */
export interface Comparison {
  plain: Cost;
  encrypted: Cost;
  ratio: { seconds: number; cpuSeconds: number };
}

export function compareCosts({ plain, encrypted }: { plain: readonly Cost[]; encrypted: readonly Cost[] }): Comparison {
  const [before, after] = [medianCost(plain), medianCost(encrypted)];
  const ratio = { seconds: round(after.seconds / before.seconds), cpuSeconds: round(after.cpuSeconds / before.cpuSeconds) };
  return { plain: before, encrypted: after, ratio };
}

function medianCost(costs: readonly Cost[]): Cost {
  return { seconds: median(costs.map(({ seconds }) => seconds)), cpuSeconds: median(costs.map(({ cpuSeconds }) => cpuSeconds)) };
}

function median(values: readonly number[]): number {
  return round(values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN);
}

function round(value: number): number {
  return Math.round(value * 1000) / 1000;
}
