import autocannon from 'autocannon';
import { LecternError } from '../../contracts/errors.ts';

/** What a reader of an API waits for, and what the API gets done. */
export interface LoadFigures {
  requests: number;
  connections: number;
  p50Ms: number;
  p95Ms: number;
  p99Ms: number;
  queriesPerSecond: number;
}

interface Target {
  apiUrl: string;
  apiKey: string;
}

/** Asks `questions`, each once, over `connections` at a time: passages alone, no answers. Any failure fails the measurement. */
export async function fire({ apiUrl, apiKey }: Target, questions: readonly string[], connections: number): Promise<LoadFigures> {
  let next = 0;
  const cannon = autocannon({
    url: apiUrl,
    connections,
    amount: questions.length,
    timeout: 120,
    requests: [
      {
        method: 'POST',
        path: '/api/v1/query',
        headers: { authorization: `Bearer ${apiKey}`, 'content-type': 'application/json' },
        setupRequest: (request) => ({
          ...request,
          body: JSON.stringify({ question: questions[next++ % questions.length], answer: false }),
        }),
      },
    ],
  });
  const milliseconds: number[] = [];
  // autocannon's own duration is in whole seconds.
  const started = performance.now();
  let ended = started;
  void cannon.on('response', (_client, _status, _bytes, took) => {
    milliseconds.push(took);
    ended = performance.now();
  });
  const { errors, timeouts, non2xx } = await cannon;
  if (errors + timeouts + non2xx > 0) {
    throw new LecternError('internal', `${errors} requests failed, ${timeouts} were too slow and ${non2xx} were refused`);
  }
  const sorted = milliseconds.toSorted((a, b) => a - b);
  const percentile = (share: number): number => round(sorted[Math.ceil(share * sorted.length) - 1] ?? 0);
  return {
    requests: sorted.length,
    connections,
    p50Ms: percentile(0.5),
    p95Ms: percentile(0.95),
    p99Ms: percentile(0.99),
    queriesPerSecond: round((1000 * sorted.length) / (ended - started)),
  };
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
