import type { Segment, TranscribedWord } from '../../contracts/transcript.ts';

const SCORED_WORDS = 8;
const ANOMALY_SCORE = 3;
/** A word of exactly the score of a strange one counts as one. */
const ROUNDING = 0.01;
const IMPROBABLE = 0.15;
const SHORT_SECONDS = 0.133;
const LONG_SECONDS = 2;
/** Nobody speaks for this long: a strange segment beyond it stands alone. */
const SILENCE_SECONDS = 2;

/**
 * Drops segments whose words are too improbable, too short or too long to have been spoken, where silence lies before them and
 * silence or another such segment after. The ends of the recording are silence. Source: openai/whisper's
 * `hallucination_silence_threshold`, which hears again what follows; here it was heard once and for all.
 */
export function dropHallucinations(segments: readonly Segment[]): Segment[] {
  const anomalous = segments.map(isAnomalous);
  let keptUntil = Number.NEGATIVE_INFINITY;
  return segments.filter((segment, index) => {
    const after = segments[index + 1];
    const silenceBefore = segment.startSeconds - keptUntil > SILENCE_SECONDS || segment.startSeconds < SILENCE_SECONDS;
    const silenceAfter = after === undefined || anomalous[index + 1] || after.startSeconds - segment.endSeconds > SILENCE_SECONDS;
    if (anomalous[index] && silenceBefore && silenceAfter) return false;
    keptUntil = segment.endSeconds;
    return true;
  });
}

/** Whether the first words add up to a strange segment, or hardly one of a few can be believed. */
function isAnomalous(segment: Segment): boolean {
  const words = segment.words.filter((word) => /[\p{L}\p{N}]/u.test(word.text)).slice(0, SCORED_WORDS);
  const score = words.reduce((sum, word) => sum + anomalyScore(word), 0);
  return score >= ANOMALY_SCORE || score + ROUNDING >= words.length;
}

function anomalyScore(word: TranscribedWord): number {
  const seconds = word.endSeconds - word.startSeconds;
  const improbable = word.confidence < IMPROBABLE ? 1 : 0;
  return improbable + Math.max(0, SHORT_SECONDS - seconds) * 15 + Math.max(0, seconds - LONG_SECONDS);
}
