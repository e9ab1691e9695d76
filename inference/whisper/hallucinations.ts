import type { Segment, TranscribedWord } from '../../contracts/transcript.ts';

const SCORED_WORDS = 8;
const ANOMALY_SCORE = 3;
const IMPROBABLE = 0.15;
const SHORT_SECONDS = 0.133;
const LONG_SECONDS = 2;
/** Nobody speaks for this long: a strange segment beyond it stands alone. */
const SILENCE_SECONDS = 2;

/**
 * Drops segments whose words are too improbable, too short or too long to have been spoken, where silence or another such segment
 * lies on both sides. Source: openai/whisper's `hallucination_silence_threshold`.
 */
export function dropHallucinations(segments: readonly Segment[]): Segment[] {
  const anomalous = segments.map(isAnomalous);
  return segments.filter((segment, index) => {
    if (!anomalous[index]) return true;
    const before = segments[index - 1];
    const after = segments[index + 1];
    const aloneBefore = before === undefined || anomalous[index - 1] || segment.startSeconds - before.endSeconds > SILENCE_SECONDS;
    const aloneAfter = after === undefined || anomalous[index + 1] || after.startSeconds - segment.endSeconds > SILENCE_SECONDS;
    return !(aloneBefore && aloneAfter);
  });
}

function isAnomalous(segment: Segment): boolean {
  const words = segment.words.filter((word) => /[\p{L}\p{N}]/u.test(word.text)).slice(0, SCORED_WORDS);
  return words.reduce((score, word) => score + anomalyScore(word), 0) >= ANOMALY_SCORE;
}

function anomalyScore(word: TranscribedWord): number {
  const seconds = word.endSeconds - word.startSeconds;
  const improbable = word.confidence < IMPROBABLE ? 1 : 0;
  return improbable + Math.max(0, SHORT_SECONDS - seconds) * 15 + Math.max(0, seconds - LONG_SECONDS);
}
