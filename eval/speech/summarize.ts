import { bootstrapInterval, type Interval } from '../metrics/bootstrap-interval.ts';
import { diarizationErrorRate } from '../metrics/diarization-error-rate.ts';
import { jaccardErrorRate } from '../metrics/jaccard-error-rate.ts';
import { speakerWordErrorRate } from '../metrics/speaker-word-error-rate.ts';
import { wordDiarizationErrorRate } from '../metrics/word-diarization-error.ts';
import { wordErrorRate } from '../metrics/word-error-rate.ts';
import { summarizeWordTimes, type WordTimeSummary } from '../metrics/word-time-error.ts';
import type { Recording } from './manifest.ts';
import type { RecordingScore } from './score-recording.ts';

/** Rates are fractions; `null` where the data holds nothing to measure them on. */
export interface ErrorRates {
  wer: number | null;
  /** By character of the normalised texts, spaces between words counted. */
  cer: number | null;
  werByFolder: Record<string, number>;
  werByLanguage: Record<string, number>;
  /** No collar, overlap scored, within the UEM where there is one. */
  der: number | null;
  derByFolder: Record<string, number>;
  derCollar250ms: number | null;
  derCollar250msByFolder: Record<string, number>;
  /** As DER is scored; every speaker counts alike. */
  jer: number | null;
  /** Recordings whose number of speakers was found, of those that have a reference. */
  speakerCountRight: number;
  speakerCountJudged: number;
  /** Share of words given to the wrong speaker or to none. */
  wder: number | null;
  /** Share of words that were given to somebody, on recordings with a reference of speakers. */
  attributedWords: number | null;
  cpWer: number | null;
  /** With a collar of 5 s. */
  tcpWer: number | null;
  wordTimes: WordTimeSummary | null;
  nonspeechWords: number;
  /** 95 % confidence intervals, by drawing recordings again. */
  confidence: { wer: Interval | null; der: Interval | null };
}

export interface Scored {
  recording: Pick<Recording, 'folder' | 'language'>;
  score: RecordingScore;
}

/** Errors pooled over recordings: a long one counts as much as it holds. */
export function summarize(scored: readonly Scored[]): ErrorRates {
  const counts = scored.flatMap(({ score }) => score.speakerCount ?? []);
  return {
    wer: werOf(scored),
    cer: wordErrorRate(scored.flatMap(({ score }) => score.characters ?? [])),
    werByFolder: ratesBy(scored, folderOf, werOf),
    werByLanguage: ratesBy(scored, ({ recording }) => recording.language ?? 'en', werOf),
    der: derOf(scored),
    derByFolder: ratesBy(scored, folderOf, derOf),
    derCollar250ms: derWithCollarOf(scored),
    derCollar250msByFolder: ratesBy(scored, folderOf, derWithCollarOf),
    jer: jaccardErrorRate(scored.flatMap(({ score }) => score.jaccard ?? [])),
    speakerCountRight: counts.filter(({ expected, found }) => expected === found).length,
    speakerCountJudged: counts.length,
    wder: wordDiarizationErrorRate(scored.flatMap(({ score }) => score.speakers ?? [])),
    attributedWords: attributedShare(scored.flatMap(({ score }) => score.attribution ?? [])),
    cpWer: speakerWordErrorRate(scored.flatMap(({ score }) => score.speakerWords ?? [])),
    tcpWer: speakerWordErrorRate(scored.flatMap(({ score }) => score.timedSpeakerWords ?? [])),
    wordTimes: summarizeWordTimes(scored.flatMap(({ score }) => score.wordTimes ?? [])),
    nonspeechWords: scored.reduce((sum, { score }) => sum + (score.nonspeechWords ?? 0), 0),
    confidence: {
      wer: bootstrapInterval(
        scored.filter(({ score }) => score.words !== undefined),
        werOf,
      ),
      der: bootstrapInterval(
        scored.filter(({ score }) => score.diarization !== undefined),
        derOf,
      ),
    },
  };
}

function folderOf({ recording }: Scored): string {
  return recording.folder;
}

export function werOf(group: readonly Scored[]): number | null {
  return wordErrorRate(group.flatMap(({ score }) => score.words ?? []));
}

function derOf(group: readonly Scored[]): number | null {
  return diarizationErrorRate(group.flatMap(({ score }) => score.diarization ?? []));
}

function derWithCollarOf(group: readonly Scored[]): number | null {
  return diarizationErrorRate(group.flatMap(({ score }) => score.diarizationCollar ?? []));
}

function attributedShare(counts: readonly { words: number; attributed: number }[]): number | null {
  const words = counts.reduce((sum, one) => sum + one.words, 0);
  return words === 0 ? null : counts.reduce((sum, one) => sum + one.attributed, 0) / words;
}

/** The rate of each group, without those that have none. */
function ratesBy(
  scored: readonly Scored[],
  keyOf: (one: Scored) => string,
  rateOf: (group: readonly Scored[]) => number | null,
): Record<string, number> {
  const groups = [...Map.groupBy(scored, keyOf)].flatMap(([key, group]): [string, number][] => {
    const rate = rateOf(group);
    return rate === null ? [] : [[key, rate]];
  });
  return Object.fromEntries(groups);
}
