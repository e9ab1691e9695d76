/** A family of numbers as `GET /metrics` tells it. */
export interface Metric {
  /** `lectern_...` in base units; that of a counter ends in `_total`. No label names a tenant: anybody may read it. */
  name: string;
  help: string;
  type: 'counter' | 'gauge' | 'histogram';
  samples: { suffix?: '_bucket' | '_sum' | '_count'; labels: Readonly<Record<string, string>>; value: number }[];
}

/** Whoever counts something gives its numbers when asked. */
export type MetricSource = () => Metric[];
