import { expect, it } from 'vitest';
import { toMetricsText } from './metrics-text.ts';

it('writes families as the text format has them, whatever labels hold', () => {
  expect(
    toMetricsText([
      {
        name: 'lectern_cache_hits_total',
        help: 'Answers from a cache.\nBy its name.',
        type: 'counter',
        samples: [
          { labels: { cache: 'question' }, value: 3 },
          { labels: { cache: 'odd "\\\n' }, value: 0 },
        ],
      },
      {
        name: 'lectern_query_seconds',
        help: 'Time.',
        type: 'histogram',
        samples: [
          { suffix: '_bucket', labels: { le: '+Inf' }, value: 1 },
          { suffix: '_sum', labels: {}, value: 0.25 },
        ],
      },
      { name: 'lectern_limit', help: 'None.', type: 'gauge', samples: [{ labels: {}, value: Number.POSITIVE_INFINITY }] },
    ]),
  ).toBe(
    [
      String.raw`# HELP lectern_cache_hits_total Answers from a cache.\nBy its name.`,
      '# TYPE lectern_cache_hits_total counter',
      'lectern_cache_hits_total{cache="question"} 3',
      String.raw`lectern_cache_hits_total{cache="odd \"\\\n"} 0`,
      '# HELP lectern_query_seconds Time.',
      '# TYPE lectern_query_seconds histogram',
      'lectern_query_seconds_bucket{le="+Inf"} 1',
      'lectern_query_seconds_sum 0.25',
      '# HELP lectern_limit None.',
      '# TYPE lectern_limit gauge',
      'lectern_limit +Inf',
      '',
    ].join('\n'),
  );
});
