import type { Bar, Panel } from '../../speech/report/bar-plot.ts';
import type { RetrievalEvaluation, SystemResult } from '../evaluate-retrieval.ts';

/** nDCG@10 and R@5 of every system with their intervals, in all lectures and within one, and the time of a warm query. */
export function toPanels({ systems, shipped, withinLecture }: RetrievalEvaluation): Panel[] {
  const bars = (of: Record<string, SystemResult>, metric: 'ndcg10' | 'r5'): Bar[] =>
    Object.entries(of).map(([name, result]) => {
      const interval = result.intervals[metric];
      return {
        label: name === shipped ? `Lectern (${name})` : name,
        value: result[metric] * 100,
        interval: interval === null ? undefined : [interval[0] * 100, interval[1] * 100],
      };
    });
  return [
    { title: 'nDCG@10 in all lectures, in hundredths, with 95 % confidence intervals', unit: '', bars: bars(systems, 'ndcg10') },
    { title: 'R@5 in all lectures', unit: ' %', bars: bars(systems, 'r5') },
    { title: 'nDCG@10 within the lecture that answers, in hundredths', unit: '', bars: bars(withinLecture.systems, 'ndcg10') },
    {
      title: 'Milliseconds of a warm query (median)',
      unit: ' ms',
      bars: Object.entries(systems).map(([name, { p50Ms }]) => ({ label: name === shipped ? `Lectern (${name})` : name, value: p50Ms })),
    },
  ];
}
