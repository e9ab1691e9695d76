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
  const { models, files, audioSeconds, realTimeFactor, peakMemoryBytes, against } = evaluation;
  return [
    '# Speech: what was measured',
    `\`${command}\` on ${date}, ${machine}.`,
    `${models.transcriber}, ${models.diarizer}; ${files.length} recordings, ${(audioSeconds / 60).toFixed(1)} minutes.`,
    `![Error rates and speed](${plot})`,
    rateTable(evaluation),
    folderTable(evaluation),
    `All stages one after another took ${realTimeFactor.toFixed(3)} of the recordings' time; the process held at most ${megabytes(peakMemoryBytes)}.`,
    ...(against === undefined ? [] : [comparison(against)]),
    'Intervals are 95 %, by drawing recordings again a thousand times. Errors are pooled over recordings.',
    '',
  ].join('\n\n');
}

function rateTable(rates: SpeechEvaluation): string {
  const { confidence, wordTimes } = rates;
  const rows: [string, string][] = [
    ['WER', withInterval(rates.wer, confidence.wer)],
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

function comparison({ name, systems, audioSeconds, threads, rounds, speedRatio, memoryRatio }: Against): string {
  const row = (system: ComparedSystem): string[] => [
    system.name,
    percent(system.wer),
    percent(system.der),
    system.speakerCountJudged === 0 ? '' : `${system.speakerCountRight} of ${system.speakerCountJudged}`,
    `${system.workSeconds.toFixed(1)} s`,
    (1 / system.realTimeFactor).toFixed(1),
    `${system.processorSeconds.toFixed(1)} s`,
    megabytes(system.peakMemoryBytes),
  ];
  return [
    `## Beside ${name}`,
    `${(audioSeconds / 60).toFixed(1)} minutes, ${threads} threads, turn by turn, medians of ${rounds}; models loaded and warm, processes of their own. ` +
      `Lectern is ${speedRatio.toFixed(2)} times as fast as the faster of the others and holds ${memoryRatio.toFixed(2)} times its memory.`,
    table(['system', 'WER', 'DER', 'speaker count right', 'time', 'times real time', 'processor time', 'peak memory'], systems.map(row)),
  ].join('\n\n');
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
