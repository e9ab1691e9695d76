import type { Metric, MetricSource } from '../contracts/metrics.ts';

export type Labels = Readonly<Record<string, string>>;

/** What only grows: requests, bytes, failures. */
export interface Counter {
  add(labels: Labels, amount?: number): void;
  readonly metrics: MetricSource;
}

/** A counter of a series for each set of labels; whoever adds keeps their values few and free of tenants. */
export function createCounter({ name, help }: Pick<Metric, 'name' | 'help'>): Counter {
  const series = new Map<string, { labels: Labels; value: number }>();
  return {
    add(labels, amount = 1) {
      const held = findSeries(series, labels, () => ({ labels, value: 0 }));
      held.value += amount;
    },
    metrics: () => [{ name, help, type: 'counter', samples: [...series.values()].map(({ labels, value }) => ({ labels, value })) }],
  };
}

/** The series of these labels, made at its first use. */
export function findSeries<Series>(held: Map<string, Series>, labels: Labels, make: () => Series): Series {
  const key = JSON.stringify(Object.entries(labels));
  const found = held.get(key);
  if (found !== undefined) return found;
  const made = make();
  held.set(key, made);
  return made;
}
