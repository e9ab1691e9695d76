import type { ComparedSystem } from '../against/compare.ts';
import type { SpeechEvaluation } from '../evaluate-speech.ts';
import { listComparisons } from './markdown.ts';
import type { Bar, Panel } from './bar-plot.ts';

/** What the plot of an evaluation shows: error rates by folder, and both sides of a comparison. */
export function toPanels(evaluation: SpeechEvaluation): Panel[] {
  const { wer, der, werByFolder, derByFolder, confidence } = evaluation;
  const total = (rate: number | null, interval: readonly [number, number] | null): Bar[] =>
    rate === null
      ? []
      : [{ label: 'Lectern, all', value: rate * 100, interval: interval === null ? undefined : [interval[0] * 100, interval[1] * 100] }];
  return [
    {
      title: 'Word error rate, with its 95 % confidence interval',
      unit: ' %',
      bars: [...total(wer, confidence.wer), ...byFolder(werByFolder)],
    },
    {
      title: 'Diarization error rate (no collar, overlap scored), with its 95 % confidence interval',
      unit: ' %',
      bars: [...total(der, confidence.der), ...byFolder(derByFolder)],
    },
    ...listComparisons(evaluation).flatMap(({ systems }) => comparisonPanels(systems)),
  ];
}

function comparisonPanels(systems: readonly ComparedSystem[]): Panel[] {
  const bars = (of: (system: ComparedSystem) => number | null): Bar[] =>
    systems.flatMap((system) => {
      const value = of(system);
      return value === null ? [] : [{ label: system.name, value }];
    });
  return [
    { title: 'Seconds of audio in a second', unit: ' x', bars: bars(({ realTimeFactor }) => 1 / realTimeFactor) },
    { title: 'Word error rate, side by side', unit: ' %', bars: bars(({ wer }) => (wer === null ? null : wer * 100)) },
    { title: 'Diarization error rate, side by side', unit: ' %', bars: bars(({ der }) => (der === null ? null : der * 100)) },
    { title: 'Peak memory', unit: ' MB', bars: bars(({ peakMemoryBytes }) => peakMemoryBytes / 1e6) },
  ];
}

function byFolder(rates: Record<string, number>): Bar[] {
  return Object.entries(rates).map(([folder, rate]) => ({ label: folder, value: rate * 100 }));
}
