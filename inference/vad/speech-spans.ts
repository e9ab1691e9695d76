import type { Span } from '../../contracts/transcript.ts';

const SAMPLE_RATE = 16_000;
/** Samples that one probability stands for: 32 ms. */
export const CHUNK_SAMPLES = 512;

export interface SpeechSpanOptions {
  /** Speech begins where the probability reaches this. */
  threshold: number;
  /** Speech goes on until the probability stays below this. */
  negativeThreshold: number;
  /** Silence that ends a span. */
  minSilenceSeconds: number;
  /** Shorter speech is dropped: a click, a cough. */
  minSpeechSeconds: number;
  /** Room left on both sides of speech, at most; in a short pause as much of it as leaves `VISIBLE_PAUSE` in its middle. */
  padSeconds: number;
  /** Longer spans are cut at their quietest moment. */
  maxSpeechSeconds: number;
}

/** As faster-whisper's batched mode has it, and the shortest speech that is more than a click. */
export const DEFAULT_SPAN_OPTIONS: SpeechSpanOptions = {
  threshold: 0.5,
  negativeThreshold: 0.35,
  minSilenceSeconds: 0.16,
  minSpeechSeconds: 0.1,
  padSeconds: 0.4,
  maxSpeechSeconds: 28,
};

/** The part of a short pause that belongs to neither neighbour: who looks for the longest pause to cut in must see which that is. */
const VISIBLE_PAUSE = 0.2;

/** A stretch of chunks, `end` exclusive. */
interface ChunkRange {
  start: number;
  end: number;
}

/**
 * Speech spans from the probabilities of consecutive chunks of 512 samples: ascending, not overlapping, within the recording, none
 * longer than `maxSpeechSeconds`. The more there is between neighbours, the longer the pause; those that touch were cut within speech.
 */
export function toSpeechSpans(
  probabilities: ArrayLike<number>,
  totalSamples: number,
  options: SpeechSpanOptions = DEFAULT_SPAN_OPTIONS,
): Span[] {
  const speech = findSpeech(probabilities, options);
  const totalSeconds = totalSamples / SAMPLE_RATE;
  const bounds = speech.map((range) => ({
    startSeconds: toSeconds(range.start),
    endSeconds: Math.min(totalSeconds, toSeconds(range.end)),
  }));
  const padded = pad(bounds, totalSeconds, options.padSeconds);
  return padded.flatMap((span) => splitLong(span, probabilities, options.maxSpeechSeconds));
}

function toSeconds(chunks: number): number {
  return (chunks * CHUNK_SAMPLES) / SAMPLE_RATE;
}

/** Hysteresis: on at `threshold`, off when the probability was below `negativeThreshold` for the least silence. */
function findSpeech(probabilities: ArrayLike<number>, options: SpeechSpanOptions): ChunkRange[] {
  const minSilenceChunks = (options.minSilenceSeconds * SAMPLE_RATE) / CHUNK_SAMPLES;
  const minSpeechChunks = (options.minSpeechSeconds * SAMPLE_RATE) / CHUNK_SAMPLES;
  const ranges: ChunkRange[] = [];
  let start = -1;
  let silenceStart = -1;
  const close = (end: number): void => {
    if (end - start >= minSpeechChunks) ranges.push({ start, end });
    start = -1;
    silenceStart = -1;
  };
  for (let i = 0; i < probabilities.length; i++) {
    const probability = probabilities[i]!;
    if (probability >= options.threshold) {
      if (start < 0) start = i;
      silenceStart = -1;
    } else if (start >= 0 && probability < options.negativeThreshold) {
      if (silenceStart < 0) silenceStart = i;
      if (i - silenceStart >= minSilenceChunks) close(silenceStart);
    }
  }
  if (start >= 0) close(probabilities.length);
  return ranges;
}

function pad(spans: Span[], totalSeconds: number, padSeconds: number): Span[] {
  return spans.map((span, index) => {
    const before = spans[index - 1];
    const after = spans[index + 1];
    const roomBefore = before === undefined ? span.startSeconds : roomIn(span.startSeconds - before.endSeconds);
    const roomAfter = after === undefined ? totalSeconds - span.endSeconds : roomIn(after.startSeconds - span.endSeconds);
    return {
      startSeconds: span.startSeconds - Math.min(padSeconds, roomBefore),
      endSeconds: span.endSeconds + Math.min(padSeconds, roomAfter),
    };
  });
}

/** Of a pause, what each neighbour may take. */
function roomIn(pauseSeconds: number): number {
  return (pauseSeconds * (1 - VISIBLE_PAUSE)) / 2;
}

/** Cuts a span in two where three chunks in a row (about 100 ms) are least like speech, never near its ends, until all parts fit. */
function splitLong(span: Span, probabilities: ArrayLike<number>, maxSeconds: number): Span[] {
  const length = span.endSeconds - span.startSeconds;
  if (length <= maxSeconds) return [span];
  const margin = Math.min(maxSeconds / 4, length / 4);
  const first = Math.ceil(((span.startSeconds + margin) * SAMPLE_RATE) / CHUNK_SAMPLES);
  const last = Math.floor(((span.endSeconds - margin) * SAMPLE_RATE) / CHUNK_SAMPLES);
  let quietest = Math.round((first + last) / 2);
  let lowest = Number.POSITIVE_INFINITY;
  for (let i = first; i <= last; i++) {
    const sum = (probabilities[i - 1] ?? 1) + (probabilities[i] ?? 1) + (probabilities[i + 1] ?? 1);
    if (sum < lowest) {
      lowest = sum;
      quietest = i;
    }
  }
  const cutSeconds = ((quietest + 0.5) * CHUNK_SAMPLES) / SAMPLE_RATE;
  return [
    ...splitLong({ startSeconds: span.startSeconds, endSeconds: cutSeconds }, probabilities, maxSeconds),
    ...splitLong({ startSeconds: cutSeconds, endSeconds: span.endSeconds }, probabilities, maxSeconds),
  ];
}
