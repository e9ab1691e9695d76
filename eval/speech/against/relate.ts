import { bootstrapInterval, type Interval } from '../../metrics/bootstrap-interval.ts';
import { summarizeWordTimes, measureWordTimes, type WordTimeSummary } from '../../metrics/word-time-error.ts';
import { werOf, type Scored } from '../summarize.ts';
import { median, type Timing } from './alternate.ts';
import type { TimedText } from './speech-job.ts';

/** What a system did, as far as one is held against another. */
export interface Side extends Pick<Timing, 'workSeconds' | 'peakMemoryBytes'> {
  name: string;
  wer: number | null;
  derByFolder: Record<string, number>;
  rounds: readonly { workSeconds: number }[];
  /** By recording, the same for all sides. */
  scored: readonly Scored[];
  words: readonly (readonly TimedText[])[];
}

/** Lectern beside the best of the others. */
export interface Relation {
  /** Of the others' better text. */
  wer: number | null;
  /** Lectern's WER less that one: below zero Lectern is better. */
  werDifference: number | null;
  /** 95 % of it, by drawing recordings again, both sides' together. */
  werDifferenceInterval: Interval | null;
  /** How many times as fast as the others' faster mode Lectern is: the median of the ratios of each round. */
  speedRatio: number;
  speedRatioByRound: number[];
  /** Lectern's peak memory over that of the faster mode, medians of the rounds. */
  memoryRatio: number;
  derByFolder: Record<string, number>;
  /** How near Lectern's word times are to those of the better text; `null` where one side has none. */
  wordTimeAgreement: WordTimeSummary | null;
}

/** The first against the others, which are one peer's modes. */
export function relate([own, ...others]: readonly Side[]): Relation {
  const [fastest] = others.toSorted((a, b) => a.workSeconds - b.workSeconds);
  const [best] = others.toSorted((a, b) => (a.wer ?? Infinity) - (b.wer ?? Infinity));
  if (own === undefined || fastest === undefined || best === undefined) throw new Error('a comparison has two sides');
  const speedRatioByRound = own.rounds.map(({ workSeconds }, round) => (fastest.rounds[round]?.workSeconds ?? Number.NaN) / workSeconds);
  const pairs = own.scored.flatMap((one, index): [Scored, Scored][] => {
    const other = best.scored[index];
    return one.score.words === undefined || other === undefined ? [] : [[one, other]];
  });
  return {
    wer: best.wer,
    werDifference: differenceOf(pairs),
    werDifferenceInterval: bootstrapInterval(pairs, differenceOf),
    speedRatio: median(speedRatioByRound),
    speedRatioByRound,
    memoryRatio: own.peakMemoryBytes / fastest.peakMemoryBytes,
    derByFolder: fastest.derByFolder,
    wordTimeAgreement: agreementOf(own, best),
  };
}

function differenceOf(pairs: readonly (readonly [Scored, Scored])[]): number | null {
  const [own, other] = [werOf(pairs.map(([one]) => one)), werOf(pairs.map(([, one]) => one))];
  return own === null || other === null ? null : own - other;
}

function agreementOf(own: Side, other: Side): WordTimeSummary | null {
  return summarizeWordTimes(
    other.words.map((words, index) => measureWordTimes(words, own.words[index] ?? [], own.scored[index]?.recording.language ?? 'en')),
  );
}
