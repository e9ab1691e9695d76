import type { Metric, MetricSource } from '../contracts/metrics.ts';
import { findSeries, type Labels } from './counter.ts';

/** How often values lay below each of some bounds, and their sum. */
export interface Histogram {
  observe(labels: Labels, value: number): void;
  readonly metrics: MetricSource;
}

export interface HistogramOptions extends Pick<Metric, 'name' | 'help'> {
  /** Upper bounds, ascending; one for all that lies above them is added. */
  buckets: readonly number[];
  /** Label sets that are told from the start, with zeros: a rate needs a value before the first. */
  known?: readonly Labels[];
}

interface Series {
  labels: Labels;
  /** How many were at most each bound and above the one before; one more for all above. */
  counts: number[];
  sum: number;
}

/** A histogram of a series for each set of labels. */
export function createHistogram({ name, help, buckets, known = [] }: HistogramOptions): Histogram {
  const held = new Map<string, Series>();
  const seriesOf = (labels: Labels): Series =>
    findSeries(held, labels, () => ({ labels, counts: Array<number>(buckets.length + 1).fill(0), sum: 0 }));
  for (const labels of known) seriesOf(labels);
  return {
    observe(labels, value) {
      const series = seriesOf(labels);
      const at = buckets.findIndex((bound) => value <= bound);
      series.counts[at < 0 ? buckets.length : at]! += 1;
      series.sum += value;
    },
    metrics: () => [{ name, help, type: 'histogram', samples: [...held.values()].flatMap((series) => toSamples(series, buckets)) }],
  };
}

/** A bucket of the text format holds all that is at most its bound. */
function toSamples({ labels, counts, sum }: Series, bounds: readonly number[]): Metric['samples'] {
  let total = 0;
  const buckets = counts.map((count, at) => {
    total += count;
    return { suffix: '_bucket' as const, labels: { ...labels, le: at < bounds.length ? String(bounds[at]) : '+Inf' }, value: total };
  });
  return [...buckets, { suffix: '_sum', labels, value: sum }, { suffix: '_count', labels, value: total }];
}
