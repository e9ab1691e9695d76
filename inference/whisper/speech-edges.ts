import type { Segment, TranscribedWord } from '../../contracts/transcript.ts';

const SAMPLE_RATE = 16_000;
const FRAME_SAMPLES = 160;
const FRAMES_PER_SECOND = SAMPLE_RATE / FRAME_SAMPLES;
/** Below this share of the way (in dB) from the quietest to the loudest parts of a window lies silence. */
const SILENCE_SHARE = 0.35;
/** With less between the quietest and the loudest there is no telling. */
const MIN_RANGE_DB = 18;
/** Stops inside words are shorter. */
const MIN_PAUSE_FRAMES = 12;
/** Attention comes early: the end of a word can lie this far into the stretch of the next. */
const MAX_TAIL_FRAMES = 30;
const MAX_TAIL_SECONDS = MAX_TAIL_FRAMES / FRAMES_PER_SECOND;
/** What is left of a word at least. */
const MIN_WORD_FRAMES = 4;

/** Which frames of 10 ms of a window are silent, by its own quietest and loudest; `undefined` where noise leaves no telling. */
export function findSilence(samples: Float32Array): boolean[] | undefined {
  const levels = Array.from({ length: Math.floor(samples.length / FRAME_SAMPLES) }, (_, frame) => {
    let energy = 0;
    for (let i = frame * FRAME_SAMPLES; i < (frame + 1) * FRAME_SAMPLES; i++) energy += samples[i]! * samples[i]!;
    return 10 * Math.log10(energy / FRAME_SAMPLES + 1e-10);
  });
  const sorted = levels.toSorted((a, b) => a - b);
  const [quiet, loud] = [sorted[Math.floor(sorted.length * 0.1)] ?? 0, sorted[Math.floor(sorted.length * 0.95)] ?? 0];
  if (loud - quiet < MIN_RANGE_DB) return undefined;
  const limit = quiet + SILENCE_SHARE * (loud - quiet);
  return levels.map((level) => level < limit);
}

/**
 * Puts the edges of a window's words (times in its seconds) at the pauses that can be heard in its `samples`, which are listened to at
 * once: they may be given away before the words are known.
 */
export function createSnap(samples: Float32Array): (segments: readonly Segment[]) => Segment[] {
  const silent = findSilence(samples);
  return (segments) => (silent === undefined ? [...segments] : snapSegments(segments, silent));
}

function snapSegments(segments: readonly Segment[], silent: readonly boolean[]): Segment[] {
  const words = snapToPauses(
    segments.flatMap((segment) => segment.words),
    silent,
  );
  let taken = 0;
  return segments.map((segment) => {
    const own = words.slice(taken, (taken += segment.words.length));
    return { ...segment, words: own, startSeconds: own[0]!.startSeconds, endSeconds: own.at(-1)!.endSeconds };
  });
}

/**
 * Words of one window (times in its seconds, ascending) with their edges at the pauses that can be heard: where a word's stretch
 * begins in a pause, or runs into one at once, it begins after it, and the word before ends where the pause begins.
 */
export function snapToPauses(words: readonly TranscribedWord[], silent: readonly boolean[]): TranscribedWord[] {
  const snapped = words.map((word) => ({ ...word }));
  for (const [index, word] of snapped.entries()) {
    const before = snapped[index - 1];
    const pause = pauseAtStart(silent, toFrame(word.startSeconds), toFrame(word.endSeconds), before === undefined);
    if (pause === undefined) continue;
    if (before !== undefined)
      before.endSeconds = Math.max(before.endSeconds, Math.min(pause.start / FRAMES_PER_SECOND, before.endSeconds + MAX_TAIL_SECONDS));
    word.startSeconds = pause.end / FRAMES_PER_SECOND;
  }
  const last = snapped.at(-1);
  if (last !== undefined) last.endSeconds = Math.max(last.endSeconds, endOfSound(silent, toFrame(last.endSeconds)) / FRAMES_PER_SECOND);
  return snapped;
}

/** Where the sound that goes on at `frame` ends, if it ends soon; else `frame`. */
function endOfSound(silent: readonly boolean[], frame: number): number {
  const limit = Math.min(silent.length, frame + MAX_TAIL_FRAMES);
  for (let end = frame; end < limit; end++) if (silent[end]) return end;
  return frame;
}

function toFrame(seconds: number): number {
  return Math.round(seconds * FRAMES_PER_SECOND);
}

/** The pause in which a word's stretch begins, or that follows at once on the tail of the word before. */
function pauseAtStart(
  silent: readonly boolean[],
  start: number,
  end: number,
  isFirst: boolean,
): { start: number; end: number } | undefined {
  let from = start;
  while (from < end && from - start < MAX_TAIL_FRAMES && !silent[from]) from++;
  if (!silent[from] || (isFirst && from > start)) return undefined;
  let until = from;
  while (until < end && silent[until]) until++;
  const begin = from === start ? firstOfRun(silent, start) : from;
  if (until - begin < MIN_PAUSE_FRAMES || end - until < MIN_WORD_FRAMES) return undefined;
  return { start: begin, end: until };
}

function firstOfRun(silent: readonly boolean[], frame: number): number {
  let first = frame;
  while (first > 0 && silent[first - 1]) first--;
  return first;
}
