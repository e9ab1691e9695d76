import type { WordTimeSummary } from '../../metrics/word-time-error.ts';
import type { Against, ComparedSystem } from '../against/compare.ts';
import type { SpeechEvaluation } from '../evaluate-speech.ts';

export interface ReportContext {
  /** What repeats it. */
  command: string;
  /** ISO date. */
  date: string;
  machine: string;
  /** The plot, beside the report. */
  plot: string;
}

/** An evaluation for people: rates with their intervals, by folder, and both sides of a comparison. */
export function toMarkdown(evaluation: SpeechEvaluation, { command, date, machine, plot }: ReportContext): string {
  const { models, files, audioSeconds, realTimeFactor, peakMemoryBytes } = evaluation;
  return [
    '# Speech: what was measured',
    `\`${command}\` on ${date}, ${machine}.`,
    `${models.transcriber}, ${models.diarizer}; ${files.length} recordings, ${(audioSeconds / 60).toFixed(1)} minutes.`,
    `![Error rates and speed](${plot})`,
    rateTable(evaluation),
    folderTable(evaluation),
    `All stages one after another took ${realTimeFactor.toFixed(3)} of the recordings' time; the process held at most ${megabytes(peakMemoryBytes)}.`,
    ...listComparisons(evaluation).map(comparison),
    'Intervals are 95 %, by drawing recordings again a thousand times. Errors are pooled over recordings.',
    '',
  ].join('\n\n');
}

function rateTable(rates: SpeechEvaluation): string {
  const { confidence, wordTimes } = rates;
  const rows: [string, string][] = [
    ['WER', withInterval(rates.wer, confidence.wer)],
    ['CER', percent(rates.cer)],
    ['DER, no collar, overlap scored', withInterval(rates.der, confidence.der)],
    ['DER, 0.25 s collar', percent(rates.derCollar250ms)],
    ['JER', percent(rates.jer)],
    ['speaker count right', `${rates.speakerCountRight} of ${rates.speakerCountJudged}`],
    ['WDER', percent(rates.wder)],
    ['words with a speaker', percent(rates.attributedWords)],
    ['cpWER', percent(rates.cpWer)],
    ['tcpWER, 5 s collar', percent(rates.tcpWer)],
    ['words in recordings without speech', String(rates.nonspeechWords)],
  ];
  if (wordTimes !== null) {
    rows.push(
      [
        'word starts, median and 95th percentile of the error',
        `${milliseconds(wordTimes.medianStartSeconds)}, ${milliseconds(wordTimes.p95StartSeconds)}`,
      ],
      ['word ends, median of the error', milliseconds(wordTimes.medianEndSeconds)],
      ['words with both edges within 0.1 s, 0.2 s', `${percent(wordTimes.within100ms)}, ${percent(wordTimes.within200ms)}`],
      ['word times, mean of the error', milliseconds(wordTimes.meanAbsoluteSeconds)],
      ['word times, F1 at 0.05 s, 0.1 s, 0.2 s', f1(wordTimes)],
    );
  }
  return table(['measure', 'value'], rows);
}

function folderTable({ werByFolder, derByFolder, derCollar250msByFolder }: SpeechEvaluation): string {
  const folders = [...new Set([...Object.keys(werByFolder), ...Object.keys(derByFolder)])];
  return table(
    ['folder', 'WER', 'DER', 'DER, 0.25 s collar'],
    folders.map((folder) => [folder, percent(werByFolder[folder]), percent(derByFolder[folder]), percent(derCollar250msByFolder[folder])]),
  );
}

/** The comparisons of an evaluation: none, one or several. */
export function listComparisons({ against = [] }: Pick<SpeechEvaluation, 'against'>): Against[] {
  return Array.isArray(against) ? against : [against];
}

function comparison(against: Against): string {
  const { name, systems, audioSeconds, threads, rounds, speedRatio, speedRatioByRound, memoryRatio } = against;
  const byRound = speedRatioByRound.map((ratio) => ratio.toFixed(2)).join(', ');
  return [
    `## Beside ${name}`,
    `${(audioSeconds / 60).toFixed(1)} minutes, ${threads} threads, turn by turn, medians of ${rounds}; models loaded and warm, processes of their own. ` +
      `Lectern is ${speedRatio.toFixed(2)} times as fast as the faster of the others (median of the rounds' ratios: ${byRound}) ` +
      `and holds ${memoryRatio.toFixed(2)} times its memory.${describeWords(against)}`,
    systems.some(({ wer }) => wer !== null) ? wordTable(systems) : speakerTable(systems),
  ].join('\n\n');
}

function describeWords({ wer, werDifference, werDifferenceInterval, wordTimeAgreement }: Against): string {
  if (wer === null || werDifference === null) return '';
  const points = (rate: number): string => `${rate > 0 ? '+' : ''}${(rate * 100).toFixed(2)}`;
  const [low, high] = werDifferenceInterval ?? [Number.NaN, Number.NaN];
  const interval = werDifferenceInterval === null ? '' : ` (95 %: ${points(low)} to ${points(high)})`;
  const times =
    wordTimeAgreement === null
      ? ''
      : ` Their word times are ${milliseconds(wordTimeAgreement.meanAbsoluteSeconds)} apart on average, F1 at 0.05 s, 0.1 s, 0.2 s ${f1(wordTimeAgreement)}.`;
  return ` Its WER is ${points(werDifference)} points beside the better of the others${interval}.${times}`;
}

function speedCells({ workSeconds, realTimeFactor, processorSeconds, peakMemoryBytes }: ComparedSystem): string[] {
  return [`${workSeconds.toFixed(1)} s`, (1 / realTimeFactor).toFixed(1), `${processorSeconds.toFixed(1)} s`, megabytes(peakMemoryBytes)];
}

const SPEED_HEAD = ['time', 'times real time', 'processor time', 'peak memory'];

function wordTable(systems: readonly ComparedSystem[]): string {
  return table(
    ['system', 'WER', 'CER', 'word times, mean of the error', 'F1 at 0.05 s, 0.1 s, 0.2 s', ...SPEED_HEAD],
    systems.map((system) => [
      system.name,
      percent(system.wer),
      percent(system.cer),
      system.wordTimes === null ? '' : milliseconds(system.wordTimes.meanAbsoluteSeconds),
      system.wordTimes === null ? '' : f1(system.wordTimes),
      ...speedCells(system),
    ]),
  );
}

function speakerTable(systems: readonly ComparedSystem[]): string {
  const folders = [...new Set(systems.flatMap(({ derByFolder }) => Object.keys(derByFolder)))];
  return table(
    ['system', 'DER', ...folders.flatMap((folder) => [folder, `${folder}, 0.25 s collar`]), 'JER', 'speaker count right', ...SPEED_HEAD],
    systems.map((system) => [
      system.name,
      percent(system.der),
      ...folders.flatMap((folder) => [percent(system.derByFolder[folder]), percent(system.derCollar250msByFolder[folder])]),
      percent(system.jer),
      `${system.speakerCountRight} of ${system.speakerCountJudged}`,
      ...speedCells(system),
    ]),
  );
}

function f1({ f1At50ms, f1At100ms, f1At200ms }: WordTimeSummary): string {
  return [f1At50ms, f1At100ms, f1At200ms].map((share) => share.toFixed(3)).join(', ');
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [line(head), `|${' --- |'.repeat(head.length)}`, ...rows.map(line)].join('\n');
}

function percent(rate: number | null | undefined): string {
  return rate === null || rate === undefined ? '' : `${(rate * 100).toFixed(1)} %`;
}

function withInterval(rate: number | null, interval: readonly [number, number] | null): string {
  return interval === null ? percent(rate) : `${percent(rate)} (${percent(interval[0])} to ${percent(interval[1])})`;
}

function milliseconds(seconds: number): string {
  return `${Math.round(seconds * 1000)} ms`;
}

function megabytes(bytes: number): string {
  return `${Math.round(bytes / 1e6)} MB`;
}
