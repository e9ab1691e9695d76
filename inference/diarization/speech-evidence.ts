import { SAMPLE_RATE } from '../../contracts/media.ts';
import { countActive, isSure } from './powerset.ts';
import { FRAME_SAMPLES, WINDOW_FRAMES } from './windows.ts';

/** Of real speech the model is sure in three of four frames or more, of music or noise taken for speech in half at most. */
const MIN_SURE_SHARE = 0.65;
/** Laughter and chatter have few sure frames, but some in a row; whale song has 1.4 s of them. */
const MIN_SURE_SECONDS = 2;

/**
 * Whether the frames called speech are speech at all: music, noise and silence make the model see a speaker here and there,
 * but hardly ever surely.
 */
export function holdsSpeech(activity: Uint8Array): boolean {
  let active = 0;
  let sure = 0;
  let run = 0;
  let longestRun = 0;
  for (const [index, bits] of activity.entries()) {
    if (countActive(bits) > 0) active++;
    if (isSure(bits)) sure++;
    // Windows overlap: a run does not go over from one to the next.
    run = isSure(bits) ? (index % WINDOW_FRAMES === 0 ? 1 : run + 1) : 0;
    longestRun = Math.max(longestRun, run);
  }
  if (active === 0) return false;
  return sure / active >= MIN_SURE_SHARE || (longestRun * FRAME_SAMPLES) / SAMPLE_RATE >= MIN_SURE_SECONDS;
}

/** Whether no frame is called speech. */
export function isSilent(activity: Uint8Array): boolean {
  return activity.every((bits) => countActive(bits) === 0);
}
