import type { AnswersEvaluation } from '../evaluate-answers.ts';
import type { AnswerRates, Measured } from '../summarize-answers.ts';

export interface AnswersReportContext {
  /** What repeats it. */
  command: string;
  /** ISO date. */
  date: string;
  machine: string;
  /** The plot, beside the report. */
  plot: string;
}

/** Rates of an evaluation, as tables and plots name them. */
export const MEASURES = [
  ['refusalAccuracy', 'refusal accuracy'],
  ['answeredOfAnswerable', 'answerable: answered'],
  ['refusedOfUnanswerable', 'unanswerable: refused'],
  ['spansExact', 'spans hold their words'],
  ['citationPrecision', 'citation precision'],
  ['citationRecall', 'citation recall'],
  ['supportPrecision', 'support precision'],
  ['supportRecall', 'support recall'],
  ['answerHit', 'expected words in answer'],
  ['speakerRight', 'speaker right'],
] as const satisfies readonly (readonly [keyof AnswerRates, string])[];

export function toAnswersMarkdown(evaluation: AnswersEvaluation, { command, date, machine, plot }: AnswersReportContext): string {
  const { all, dev, test, byKind, models, recordings, similarity } = evaluation;
  const { answerable, unanswerable } = all.questions;
  return [
    '# Answers: what was measured',
    `\`${command}\` on ${date}, ${machine}.`,
    `${recordings} recordings through the whole stack; ${answerable} questions that they answer and ${unanswerable} that they do not, ` +
      `written for this; answers ${models.length === 0 ? 'extractive' : `by ${models.join(', ')}`}.`,
    `![Answers, citations and refusals](${plot})`,
    table(
      ['measure', 'held out', 'tuned on', 'all'],
      [
        ...MEASURES.map(([name, label]) => [label, percent(test[name], true), percent(dev[name]), percent(all[name])]),
        ['BLEU', number(test.bleu.value), number(dev.bleu.value), number(all.bleu.value)],
        ...(['medianMilliseconds', 'p95Milliseconds'] as const).map((name, index) => [
          `time of an answer, ${index === 0 ? 'median' : '95th percentile'}`,
          ...[test, dev, all].map((rates) => `${number(rates[name])} ms`),
        ]),
      ],
    ),
    `Cosine of answer and ground truth: ${similarity?.toFixed(3) ?? 'not measured'}.`,
    table(
      ['kind of question', 'count', 'treated rightly', 'citation precision', 'expected words in answer'],
      Object.entries(byKind).map(([kind, rates]) => [
        kind,
        String(rates.refusalAccuracy.of),
        ...[rates.refusalAccuracy, rates.citationPrecision, rates.answerHit].map((measured) => percent(measured)),
      ]),
    ),
    'Refusal accuracy: answered where the recordings answer, refused where they do not. Citation precision: citations of answerable questions that lie ' +
      'where the answer is said; recall: answerable questions with such a citation, refused ones included. Support, as ALCE defines it, asks whether a claim is borne out by what it cites, ' +
      `judged by ${evaluation.entailment} entailment, which extractive answers pass by their nature. Intervals are 95 %, by drawing questions again a thousand times.`,
    '',
  ].join('\n\n');
}

function percent({ value, of, interval }: Measured, whole = false): string {
  if (value === null) return '';
  const share = (rate: number): string => (rate * 100).toFixed(1);
  return `${share(value)} %${whole && interval !== null ? ` (${share(interval[0])} to ${share(interval[1])})` : ''} of ${of}`;
}

function number(value: number | null): string {
  return value === null ? '' : value.toFixed(1);
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [line(head), `|${' --- |'.repeat(head.length)}`, ...rows.map(line)].join('\n');
}
