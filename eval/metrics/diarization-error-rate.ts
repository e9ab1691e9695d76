import type { SpeakerTurn } from '../../contracts/transcript.ts';
import { compareTurns, type ScoringOptions } from './speaker-slices.ts';

export interface DiarizationErrors {
  /** Speaker seconds of the reference that are scored; overlapped speech counts once a speaker. */
  referenceSeconds: number;
  missSeconds: number;
  falseAlarmSeconds: number;
  confusionSeconds: number;
}

/**
 * Errors of `hypothesis` against `reference` as NIST and pyannote.metrics count them, overlapped speech scored: speakers are
 * matched one to one so that they agree longest, then each moment has missed, false and confused speakers.
 */
export function countDiarizationErrors(
  reference: readonly SpeakerTurn[],
  hypothesis: readonly SpeakerTurn[],
  options: ScoringOptions = {},
): DiarizationErrors {
  const { slices, mapping } = compareTurns(reference, hypothesis, options);
  const errors: DiarizationErrors = { referenceSeconds: 0, missSeconds: 0, falseAlarmSeconds: 0, confusionSeconds: 0 };
  for (const { seconds, reference: expected, hypothesis: found } of slices) {
    const right = expected.filter((speaker) => found.includes(mapping.get(speaker) ?? -1)).length;
    errors.referenceSeconds += seconds * expected.length;
    errors.missSeconds += seconds * Math.max(0, expected.length - found.length);
    errors.falseAlarmSeconds += seconds * Math.max(0, found.length - expected.length);
    errors.confusionSeconds += seconds * (Math.min(expected.length, found.length) - right);
  }
  return errors;
}

/** Pooled over recordings; `null` without reference speech. Can exceed 1. */
export function diarizationErrorRate(errors: readonly DiarizationErrors[]): number | null {
  let wrong = 0;
  let reference = 0;
  for (const one of errors) {
    wrong += one.missSeconds + one.falseAlarmSeconds + one.confusionSeconds;
    reference += one.referenceSeconds;
  }
  return reference === 0 ? null : wrong / reference;
}
