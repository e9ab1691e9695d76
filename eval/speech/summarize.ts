import { diarizationErrorRate } from '../metrics/diarization-error-rate.ts';
import { wordDiarizationErrorRate } from '../metrics/word-diarization-error.ts';
import { wordErrorRate } from '../metrics/word-error-rate.ts';
import type { Recording } from './manifest.ts';
import type { RecordingScore } from './score-recording.ts';

/** Rates are fractions; `null` where the data holds nothing to measure them on. */
export interface ErrorRates {
  wer: number | null;
  werByFolder: Record<string, number>;
  werByLanguage: Record<string, number>;
  /** No collar, overlap scored, within the UEM where there is one. */
  der: number | null;
  derByFolder: Record<string, number>;
  derCollar250ms: number | null;
  /** Share of words given to the wrong speaker or to none. */
  wder: number | null;
  nonspeechWords: number;
}

export interface Scored {
  recording: Pick<Recording, 'folder' | 'language'>;
  score: RecordingScore;
}

/** Errors pooled over recordings: a long one counts as much as it holds. */
export function summarize(scored: readonly Scored[]): ErrorRates {
  const werOf = (group: readonly Scored[]): number | null => wordErrorRate(group.flatMap(({ score }) => score.words ?? []));
  const derOf = (group: readonly Scored[]): number | null => diarizationErrorRate(group.flatMap(({ score }) => score.diarization ?? []));
  return {
    wer: werOf(scored),
    werByFolder: ratesBy(scored, ({ recording }) => recording.folder, werOf),
    werByLanguage: ratesBy(scored, ({ recording }) => recording.language ?? 'en', werOf),
    der: derOf(scored),
    derByFolder: ratesBy(scored, ({ recording }) => recording.folder, derOf),
    derCollar250ms: diarizationErrorRate(scored.flatMap(({ score }) => score.diarizationCollar ?? [])),
    wder: wordDiarizationErrorRate(scored.flatMap(({ score }) => score.speakers ?? [])),
    nonspeechWords: scored.reduce((sum, { score }) => sum + (score.nonspeechWords ?? 0), 0),
  };
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
