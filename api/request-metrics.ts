import type { MetricSource } from '../contracts/metrics.ts';
import { createCounter } from '../observability/counter.ts';
import { createHistogram } from '../observability/histogram.ts';

/** Upper bounds in seconds; uploads and answers take the longest. */
const BUCKETS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];

export interface RequestMetrics {
  /** Counts a request as under way until the function that it returns is told how it ended. */
  enter(): (request: { method: string; route: string; status: number }, seconds: number) => void;
  countUpload(bytes: number): void;
  readonly metrics: MetricSource;
}

/** Numbers of the HTTP API, of all tenants together. A route is its pattern: ids would make a series each. */
export function createRequestMetrics(): RequestMetrics {
  let inFlight = 0;
  const requests = createCounter({ name: 'lectern_http_requests_total', help: 'Requests answered, by route and status.' });
  const uploads = createCounter({ name: 'lectern_http_upload_bytes_total', help: 'Bytes of recordings taken in.' });
  const durations = createHistogram({
    name: 'lectern_http_request_duration_seconds',
    help: 'Time until the response began; the body of a stream comes after.',
    buckets: BUCKETS,
  });
  uploads.add({}, 0);
  return {
    enter() {
      inFlight += 1;
      return ({ method, route, status }, seconds) => {
        inFlight -= 1;
        requests.add({ method, route, status: String(status) });
        durations.observe({ method, route }, seconds);
      };
    },
    countUpload: (bytes) => uploads.add({}, bytes),
    metrics: () => [
      ...requests.metrics(),
      ...durations.metrics(),
      ...uploads.metrics(),
      {
        name: 'lectern_http_requests_in_flight',
        help: 'Requests whose response has not begun.',
        type: 'gauge',
        samples: [{ labels: {}, value: inFlight }],
      },
    ],
  };
}
