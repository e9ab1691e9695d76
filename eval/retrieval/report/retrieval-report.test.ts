import { expect, it } from 'vitest';
import type { RetrievalEvaluation } from '../evaluate-retrieval.ts';
import { meanScores, scoreIntervals, scoreRanking } from '../score-ranking.ts';
import { plotBars } from '../../speech/report/bar-plot.ts';
import { toPanels } from './plot-retrieval.ts';
import { toMarkdown } from './retrieval-markdown.ts';

const relevance = new Map([['a', 1]]);
const won = scoreRanking(['a', 'b'], relevance);
const lost = scoreRanking(['b', 'a'], relevance);
const result = (scores: (typeof won)[], about: string) => ({
  ...meanScores(scores),
  intervals: scoreIntervals(scores),
  about,
  p50Ms: 12,
  p95Ms: 34,
});
const systems = { bm25: result([won, lost], 'words'), shipped: result([won, won], 'the default') };
const shippedAgainstBaseline = Object.fromEntries(
  Object.keys(won).map((name) => [name, { difference: -0.184, p: 0.0001 }]),
) as RetrievalEvaluation['shippedAgainstBaseline'];
const evaluation: RetrievalEvaluation = {
  dataset: 'sample',
  about: 'Made up.',
  lectures: 1,
  passages: 2,
  questions: 2,
  models: { dense: 'd', sparse: 's' },
  loadAverage: 1.5,
  systems,
  shipped: 'shipped',
  baseline: 'bm25',
  shippedAgainstBaseline,
  withinLecture: { systems, shippedAgainstBaseline },
};

it('tells every system with its interval, the comparison and the time', () => {
  const markdown = toMarkdown(evaluation, { command: 'eval', date: '2026-01-01', machine: 'here', plot: 'p.svg' });
  // Half of the resamples or so hold one question of each kind: from the lost one alone to the won one alone.
  expect(markdown).toContain('| bm25 | .815 (.631 to 1.000) |');
  expect(markdown).toContain('shipped against bm25: nDCG@10 -.184 (p < .001)');
  expect(markdown).toContain('| shipped | 12.0 ms | 34.0 ms |');
});

it('plots the shipped system as ours', () => {
  const svg = plotBars(toPanels(evaluation));
  expect(svg).toContain('Lectern (shipped)');
  expect(svg).toContain('>81.5<');
});
