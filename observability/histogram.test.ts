import { expect, it } from 'vitest';
import { createCounter } from './counter.ts';
import { createHistogram } from './histogram.ts';
import { toMetricsText } from './metrics-text.ts';

it('keeps a series for each set of labels, whose buckets hold all that is at most their bound', () => {
  const seconds = createHistogram({ name: 'lectern_test_seconds', help: 'Time.', buckets: [0.1, 1], known: [{ stage: 'idle' }] });
  for (const value of [0.05, 0.1, 0.5, 3]) seconds.observe({ stage: 'busy' }, value);
  expect(toMetricsText(seconds.metrics()).split('\n')).toEqual([
    '# HELP lectern_test_seconds Time.',
    '# TYPE lectern_test_seconds histogram',
    'lectern_test_seconds_bucket{stage="idle",le="0.1"} 0',
    'lectern_test_seconds_bucket{stage="idle",le="1"} 0',
    'lectern_test_seconds_bucket{stage="idle",le="+Inf"} 0',
    'lectern_test_seconds_sum{stage="idle"} 0',
    'lectern_test_seconds_count{stage="idle"} 0',
    'lectern_test_seconds_bucket{stage="busy",le="0.1"} 2',
    'lectern_test_seconds_bucket{stage="busy",le="1"} 3',
    'lectern_test_seconds_bucket{stage="busy",le="+Inf"} 4',
    'lectern_test_seconds_sum{stage="busy"} 3.65',
    'lectern_test_seconds_count{stage="busy"} 4',
    '',
  ]);
});

it('counts what is added to each set of labels', () => {
  const bytes = createCounter({ name: 'lectern_test_bytes_total', help: 'Bytes.' });
  bytes.add({ way: 'in' }, 10);
  bytes.add({ way: 'out' });
  bytes.add({ way: 'in' }, 5);
  expect(bytes.metrics()[0]?.samples).toEqual([
    { labels: { way: 'in' }, value: 15 },
    { labels: { way: 'out' }, value: 1 },
  ]);
});
