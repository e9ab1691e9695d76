import type { Segment, Span, TranscribedWord } from '../../contracts/transcript.ts';

/** Speech without a word, as detectors bound it: spans keep 0.4 s of silence on each side, so less than this is no more than pauses. */
const MIN_TAIL_SECONDS = 1;
const MIN_HOLE_SECONDS = 1.4;
/** What the first hearing took for nothing has to be surer than its like: coughs and laughter give "Bye." at -0.8 and below, speech -0.5. */
const MIN_AVERAGE_LOG_PROBABILITY = -0.7;
/** A word cut by the edge of a stretch can be heard on both sides of it, this close to it. */
const ECHO_SECONDS = 0.5;

/**
 * Speech of one window that its words leave out: Whisper at times stops after the first speaker, or skips one. Gives the spans of
 * each gap that holds enough speech to say something, ascending. `speech` and `words` ascend, in seconds of one clock. A window
 * without words has none: there the model heard everything, and nobody.
 */
export function findUnheardSpeech(speech: readonly Span[], words: readonly Span[]): Span[][] {
  if (words.length === 0) return [];
  const gaps: Span[][] = [];
  let reached = Number.NEGATIVE_INFINITY;
  for (const word of words) {
    const hole = clip(speech, reached, word.startSeconds);
    if (secondsOf(hole) >= MIN_HOLE_SECONDS) gaps.push(hole);
    reached = Math.max(reached, word.endSeconds);
  }
  const tail = clip(speech, reached, Number.POSITIVE_INFINITY);
  if (secondsOf(tail) >= MIN_TAIL_SECONDS) gaps.push(tail);
  return gaps;
}

/**
 * Puts what a second hearing of gaps found among what was heard first, by time: only what it is sure of, and without the words that
 * both have at a gap's edge.
 */
export function mergeHearings(first: readonly Segment[], second: readonly Segment[]): Segment[] {
  const heard = first.flatMap((segment) => segment.words);
  const added = second.filter(isSure).flatMap((segment) => {
    const words = segment.words.filter((word) => !heard.some((other) => isEcho(word, other)));
    if (words.length === 0) return [];
    return [{ ...segment, words, startSeconds: words[0]!.startSeconds, endSeconds: words.at(-1)!.endSeconds }];
  });
  return [...first, ...added].toSorted((a, b) => a.startSeconds - b.startSeconds);
}

function isSure({ averageLogProbability, temperature }: Segment): boolean {
  return averageLogProbability >= MIN_AVERAGE_LOG_PROBABILITY && temperature === 0;
}

function isEcho(word: TranscribedWord, other: TranscribedWord): boolean {
  const apart = Math.max(word.startSeconds - other.endSeconds, other.startSeconds - word.endSeconds);
  return apart < ECHO_SECONDS && lettersOf(word) === lettersOf(other);
}

function lettersOf({ text }: TranscribedWord): string {
  return text.toLowerCase().replaceAll(/[^\p{L}\p{N}]/gu, '');
}

function clip(spans: readonly Span[], startSeconds: number, endSeconds: number): Span[] {
  return spans
    .map((span) => ({ startSeconds: Math.max(span.startSeconds, startSeconds), endSeconds: Math.min(span.endSeconds, endSeconds) }))
    .filter((span) => span.endSeconds > span.startSeconds);
}

function secondsOf(spans: readonly Span[]): number {
  return spans.reduce((sum, span) => sum + span.endSeconds - span.startSeconds, 0);
}
