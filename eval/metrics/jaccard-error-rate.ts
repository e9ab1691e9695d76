import type { SpeakerTurn } from '../../contracts/transcript.ts';
import { compareTurns, type ScoringOptions } from './speaker-slices.ts';

export interface JaccardErrors {
  /** Speakers of the reference who are scored at all. */
  referenceSpeakers: number;
  /** Sum over them of the share, 0 to 1, of the time of either side in which only one of the two speaks. */
  speakerErrors: number;
}

/**
 * Errors of the Jaccard error rate (second DIHARD evaluation plan), as pyannote.metrics counts them: each speaker of the reference
 * is held against the one matched to him, so that who speaks little counts as much as who speaks most; nobody matched is 1.
 */
export function countJaccardErrors(
  reference: readonly SpeakerTurn[],
  hypothesis: readonly SpeakerTurn[],
  options: ScoringOptions = {},
): JaccardErrors {
  const { slices, mapping } = compareTurns(reference, hypothesis, options);
  const errors: JaccardErrors = { referenceSpeakers: 0, speakerErrors: 0 };
  for (const speaker of new Set(slices.flatMap((slice) => slice.reference))) {
    const matched = mapping.get(speaker) ?? -1;
    let either = 0;
    let both = 0;
    for (const slice of slices) {
      const [expected, found] = [slice.reference.includes(speaker), slice.hypothesis.includes(matched)];
      if (expected || found) either += slice.seconds;
      if (expected && found) both += slice.seconds;
    }
    errors.referenceSpeakers++;
    errors.speakerErrors += (either - both) / either;
  }
  return errors;
}

/** Mean over the speakers of all recordings, 0 to 1; `null` without reference speech. */
export function jaccardErrorRate(errors: readonly JaccardErrors[]): number | null {
  const speakers = errors.reduce((sum, one) => sum + one.referenceSpeakers, 0);
  return speakers === 0 ? null : errors.reduce((sum, one) => sum + one.speakerErrors, 0) / speakers;
}
