import type { LongMeasurement } from './measure-long.ts';
import type { WordDifferences } from './seams.ts';

/** A measurement for people, a line a finding. */
export function describeLong(measured: LongMeasurement): string[] {
  const { audioSeconds, seconds, processorSeconds, peakMemoryBytes, progress } = measured;
  const minutes = (value: number): string => `${(value / 60).toFixed(1)} min`;
  return [
    `${minutes(audioSeconds)} in ${minutes(seconds.total)} (${(seconds.total / audioSeconds).toFixed(4)} of real time): ` +
      Object.entries(seconds)
        .filter(([stage]) => stage !== 'total')
        .map(([stage, value]) => `${stage} ${value.toFixed(1)} s`)
        .join(', '),
    `processor time ${minutes(processorSeconds.total)} (${(processorSeconds.total / audioSeconds).toFixed(4)} of real time), as all of its threads took it`,
    `peak memory ${Math.round(peakMemoryBytes / 1e6)} MB`,
    `WER ${percent(measured.wer)}; of the same recordings alone ${percent(measured.werAlone)}`,
    `beside the recordings alone: ${differences(measured.besideAlone)}`,
    `beside itself with its ${measured.cuts} cuts moved by 5 s: ${differences(measured.besideMovedCuts)}`,
    `${measured.gapWords} words in ${minutes(measured.gapSeconds)} of silence, noise and music`,
    `${measured.speakersFound} speakers, of about ${measured.speakersAbout}; ${percent(measured.attributedWords)} of the words have one`,
    ...Object.entries(progress).map(
      ([stage, { reports, wentBack, largestLead, lastShare }]) =>
        `progress of ${stage}: ${reports} reports, ${wentBack} went back, at most ${percent(largestLead)} off the time, last ${percent(lastShare)}`,
    ),
  ];
}

function differences({ words, lost, added, changed, lostNearCuts }: WordDifferences): string {
  return `of ${words} words ${lost} lost (${lostNearCuts} within 5 s of a cut), ${added} added, ${changed} changed`;
}

function percent(rate: number | null): string {
  return rate === null ? 'not measured' : `${(rate * 100).toFixed(2)} %`;
}
