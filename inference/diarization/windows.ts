import { SAMPLE_RATE } from '../../contracts/media.ts';

/** What segmentation-3.0 was trained on: 10 s. */
export const WINDOW_SAMPLES = 10 * SAMPLE_RATE;
/**
 * 2 s: five windows see each moment. 5 s costs 2 points of error on the four-reader session, because a window that swaps its
 * local speakers half-way is then hardly outvoted; 1 s doubles the time for nothing measurable (docs/decisions/0004).
 */
export const STEP_SAMPLES = 2 * SAMPLE_RATE;
/** Frames that segmentation-3.0 gives for a window. */
export const WINDOW_FRAMES = 589;
export const FRAME_SAMPLES = 270;
/** Middle of the first frame's receptive field of 991 samples. */
export const FIRST_CENTRE_SAMPLES = 495;
/** Local speakers that one window can tell apart. */
export const LOCAL_SPEAKERS = 3;

/** Number of windows over a recording; the last one reaches its end, padded with silence. */
export function countWindows(totalSamples: number): number {
  if (totalSamples <= 0) return 0;
  return 1 + Math.max(0, Math.ceil((totalSamples - WINDOW_SAMPLES) / STEP_SAMPLES));
}

/** Frame of the recording at which a window's first frame lies. */
export function windowFrame(window: number): number {
  return Math.round((window * STEP_SAMPLES) / FRAME_SAMPLES);
}

/** Seconds at which frame `frame` begins; frame `n` ends where `n + 1` begins. */
export function frameSeconds(frame: number): number {
  return Math.max(0, (frame * FRAME_SAMPLES + FIRST_CENTRE_SAMPLES) / SAMPLE_RATE);
}

/** The frame of a window that sees the middle of the sample given, counted from the window's start. */
export function frameAtSample(sample: number): number {
  return Math.min(WINDOW_FRAMES - 1, Math.max(0, Math.round((sample - FIRST_CENTRE_SAMPLES) / FRAME_SAMPLES)));
}
