import type { Segment, Span } from '../../contracts/transcript.ts';

/** Whisper's window. */
export const MAX_WINDOW_SECONDS = 30;
const SAMPLE_RATE = 16_000;
/** Silence up to this long inside a window is kept as it is; more is left out, so that windows hold speech. */
const MAX_KEPT_PAUSE_SECONDS = 1.2;
/** A cut between touching spans costs at most this share of a window: half a sentence on each side is worse than a bit more work. */
const CUT_PENALTY = 0.35;
/** Pauses this long are as good a place to cut as any. */
const EASY_CUT_SECONDS = 0.8;

/** Samples `[startSample, endSample)` of the recording. */
export interface SampleRange {
  startSample: number;
  endSample: number;
}

/** What Whisper hears at once: stretches of the recording, ascending, joined without the long silences between them. */
export interface AudioWindow {
  pieces: SampleRange[];
}

/**
 * Packs speech into windows of at most 30 s: as few as possible, cut where the pause is long rather than within a breath. Spans longer
 * than a window are cut evenly. Nothing outside `speech` is taken but pauses of about a second.
 */
export function planWindows(speech: readonly Span[], totalSamples: number): AudioWindow[] {
  const ranges = speech.flatMap((span) => splitEvenly(span, totalSamples));
  const count = ranges.length;
  // best[i] is the least cost of packing ranges[0..i); from[i] is where its last window begins.
  const best = new Float64Array(count + 1).fill(Number.POSITIVE_INFINITY);
  const from = new Int32Array(count + 1);
  best[0] = 0;
  for (let end = 1; end <= count; end++) {
    let samples = 0;
    for (let start = end - 1; start >= 0; start--) {
      const range = ranges[start]!;
      samples += range.endSample - range.startSample;
      if (start < end - 1) samples += keptPause(range, ranges[start + 1]!);
      if (samples > MAX_WINDOW_SECONDS * SAMPLE_RATE) break;
      const cost = best[start]! + 1 + (start > 0 ? cutPenalty(ranges[start - 1]!, range) : 0);
      if (cost < best[end]!) {
        best[end] = cost;
        from[end] = start;
      }
    }
  }
  const windows: AudioWindow[] = [];
  for (let end = count; end > 0; end = from[end]!) windows.push({ pieces: joinPieces(ranges.slice(from[end], end)) });
  return windows.toReversed();
}

/** The windows that begin in a piece. Of pieces that hold all speech and do not overlap, each window has one, wherever they are cut. */
export function windowsOf(piece: Span, windows: readonly AudioWindow[]): AudioWindow[] {
  const [from, until] = [piece.startSeconds, piece.endSeconds].map((seconds) => Math.round(seconds * SAMPLE_RATE));
  return windows.filter(({ pieces: [first] }) => first!.startSample >= from! && first!.startSample < until!);
}

export function windowSeconds(window: AudioWindow): number {
  return window.pieces.reduce((samples, piece) => samples + piece.endSample - piece.startSample, 0) / SAMPLE_RATE;
}

/** The parts of `speech` that lie in a window, at their times in the recording. */
export function speechOf({ pieces }: AudioWindow, speech: readonly Span[]): Span[] {
  const from = pieces[0]!.startSample / SAMPLE_RATE;
  const until = pieces.at(-1)!.endSample / SAMPLE_RATE;
  return speech
    .map((span) => ({ startSeconds: Math.max(span.startSeconds, from), endSeconds: Math.min(span.endSeconds, until) }))
    .filter((span) => span.endSeconds > span.startSeconds);
}

/** Seconds of `speech` that a window holds: less than it lasts, for it keeps short pauses. */
export function spokenSeconds(window: AudioWindow, speech: readonly Span[]): number {
  return speechOf(window, speech).reduce((sum, span) => sum + span.endSeconds - span.startSeconds, 0);
}

/** Moves times in the window to times in the recording. A word keeps both ends in the piece that its middle lies in. */
export function placeSegments(window: AudioWindow, segments: readonly Segment[]): Segment[] {
  return segments.map((segment) => {
    const words = segment.words.map((word) => {
      const middle = (word.startSeconds + word.endSeconds) / 2;
      const startSeconds = toRecordingSeconds(window, word.startSeconds, middle);
      return { ...word, startSeconds, endSeconds: toRecordingSeconds(window, word.endSeconds, middle) };
    });
    return { ...segment, words, startSeconds: words[0]!.startSeconds, endSeconds: words.at(-1)!.endSeconds };
  });
}

/** The recording's time, in whole milliseconds, of a time in the window, within the piece that `insideSeconds` lies in. */
function toRecordingSeconds(window: AudioWindow, seconds: number, insideSeconds: number): number {
  let offset = 0;
  for (const [index, piece] of window.pieces.entries()) {
    const length = (piece.endSample - piece.startSample) / SAMPLE_RATE;
    if (insideSeconds < offset + length || index === window.pieces.length - 1) {
      const within = Math.min(Math.max(seconds - offset, 0), length);
      return Math.round((piece.startSample / SAMPLE_RATE + within) * 1000) / 1000;
    }
    offset += length;
  }
  return 0;
}

function splitEvenly(span: Span, totalSamples: number): SampleRange[] {
  const startSample = Math.max(0, Math.round(span.startSeconds * SAMPLE_RATE));
  const endSample = Math.min(totalSamples, Math.round(span.endSeconds * SAMPLE_RATE));
  const samples = endSample - startSample;
  if (samples <= 0) return [];
  const parts = Math.ceil(samples / (MAX_WINDOW_SECONDS * SAMPLE_RATE));
  return Array.from({ length: parts }, (_, part) => ({
    startSample: startSample + Math.floor((samples * part) / parts),
    endSample: startSample + Math.floor((samples * (part + 1)) / parts),
  }));
}

/** Samples of silence kept between two ranges of one window. */
function keptPause(before: SampleRange, after: SampleRange): number {
  const pause = after.startSample - before.endSample;
  return pause <= MAX_KEPT_PAUSE_SECONDS * SAMPLE_RATE ? pause : 0;
}

function cutPenalty(before: SampleRange, after: SampleRange): number {
  const pauseSeconds = (after.startSample - before.endSample) / SAMPLE_RATE;
  return CUT_PENALTY * Math.max(0, 1 - pauseSeconds / EASY_CUT_SECONDS);
}

function joinPieces(ranges: readonly SampleRange[]): SampleRange[] {
  const pieces: SampleRange[] = [];
  for (const range of ranges) {
    const last = pieces.at(-1);
    const kept = last !== undefined && range.startSample - last.endSample === keptPause(last, range);
    if (last !== undefined && kept) last.endSample = range.endSample;
    else pieces.push({ ...range });
  }
  return pieces;
}
