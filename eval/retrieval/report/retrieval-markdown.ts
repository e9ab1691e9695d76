import type { Comparison, RetrievalEvaluation, SystemResult } from '../evaluate-retrieval.ts';
import type { ReportContext } from '../../speech/report/markdown.ts';
import type { RankingScores } from '../score-ranking.ts';
import type { Latency } from '../time-systems.ts';

const COLUMNS: [heading: string, metric: keyof RankingScores][] = [
  ['nDCG@10', 'ndcg10'],
  ['R@5', 'r5'],
  ['R@40', 'r40'],
  ['MRR@10', 'mrr10'],
  ['P@5', 'p5'],
  ['hit@1', 'hit1'],
  ['hit@5', 'hit5'],
  ['hit@20', 'hit20'],
];

/** An evaluation of retrieval for people: every system with its intervals, and the shipped one beside the baseline. */
export function toMarkdown(evaluation: RetrievalEvaluation, { command, date, machine, plot }: ReportContext): string {
  const { dataset, about, lectures, passages, questions, models, systems, withinLecture, baseline, shipped } = evaluation;
  return [
    `# Retrieval on ${dataset}: what was measured`,
    `\`${command}\` on ${date}, ${machine}.`,
    `${questions} questions, ${passages} passages of ${lectures} lectures; ${models.dense} and ${models.sparse}. ${about}`,
    `![Quality and time of every system](${plot})`,
    '## In all lectures',
    systemTable(systems),
    comparison(evaluation.shippedAgainstBaseline, shipped, baseline),
    latencyTable(systems),
    `Times were taken at a load of ${evaluation.loadAverage}: above the number of cores, other work took its share of them.`,
    '## Within the lecture that answers',
    systemTable(withinLecture.systems),
    comparison(withinLecture.shippedAgainstBaseline, shipped, baseline),
    'Intervals are 95 %, by drawing questions again a thousand times; p by ten thousand rounds of a paired randomisation test, two-sided. ' +
      'A question without a result counts 0; ties go by score, then id.',
    '',
  ].join('\n\n');
}

function systemTable(systems: Record<string, SystemResult>): string {
  const rows = Object.entries(systems).map(([name, result]) => {
    const cells = COLUMNS.map(([, metric]) => cell(result, metric));
    return `| ${name} | ${cells.join(' | ')} | ${result.about} |`;
  });
  return [
    `| system | ${COLUMNS.map(([heading]) => heading).join(' | ')} | what |`,
    `| --- | ${COLUMNS.map(() => '---').join(' | ')} | --- |`,
    ...rows,
  ].join('\n');
}

/** The mean; with its interval where the table's reader compares most. */
function cell(result: SystemResult, metric: keyof RankingScores): string {
  const interval = result.intervals[metric];
  if (interval === null || (metric !== 'ndcg10' && metric !== 'r5')) return share(result[metric]);
  return `${share(result[metric])} (${share(interval[0])} to ${share(interval[1])})`;
}

function comparison(compared: Comparison, shipped: string, baseline: string): string {
  const parts = COLUMNS.map(([heading, metric]) => {
    const { difference, p } = compared[metric];
    return `${heading} ${difference < 0 ? '-' : '+'}${share(Math.abs(difference))} (p ${p < 0.001 ? '< .001' : `= ${share(p)}`})`;
  });
  return `${shipped} against ${baseline}: ${parts.join(', ')}.`;
}

function latencyTable(systems: Record<string, Latency>): string {
  return [
    '| warm query, its encoding included | p50 | p95 |',
    '| --- | --- | --- |',
    ...Object.entries(systems).map(([name, { p50Ms, p95Ms }]) => `| ${name} | ${p50Ms.toFixed(1)} ms | ${p95Ms.toFixed(1)} ms |`),
  ].join('\n');
}

/** `.825` */
function share(value: number): string {
  return value.toFixed(3).replace(/^0/, '');
}
