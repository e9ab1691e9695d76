import { SAMPLE_RATE } from '../../contracts/media.ts';
import type { PcmSource } from '../pcm-source.ts';
import { FIRST_CENTRE_SAMPLES, FRAME_SAMPLES } from './windows.ts';

/** 118 ms: a voice's level without the beat of its pitch, and short enough for a word. */
const SMOOTHED_FRAMES = 7;
const BLOCK_FRAMES = 4096;
/** Of digital silence. */
export const SILENT_DB = -100;

/** How many frames lie between the first one's begin and the end of a recording. */
export function countFrames(totalSamples: number): number {
  return Math.max(0, Math.ceil((totalSamples - FIRST_CENTRE_SAMPLES) / FRAME_SAMPLES));
}

/** Level of each frame of segmentation in dBFS (RMS over 7 frames around it), [frames]; block by block, in flat memory. */
export async function measureLevels(audio: PcmSource, signal?: AbortSignal): Promise<Float32Array> {
  const powers = new Float32Array(countFrames(audio.totalSamples));
  for (let first = 0; first < powers.length; first += BLOCK_FRAMES) {
    signal?.throwIfAborted();
    const samples = await audio.read(FIRST_CENTRE_SAMPLES + first * FRAME_SAMPLES, BLOCK_FRAMES * FRAME_SAMPLES);
    for (let frame = 0; frame * FRAME_SAMPLES < samples.length; frame++) {
      powers[first + frame] = meanSquare(samples.subarray(frame * FRAME_SAMPLES, (frame + 1) * FRAME_SAMPLES));
    }
  }
  return smooth(powers).map((power) => Math.max(SILENT_DB, 10 * Math.log10(power)));
}

/** Samples that are no numbers are silence. */
function meanSquare(samples: Float32Array): number {
  let sum = 0;
  for (const sample of samples) if (Number.isFinite(sample)) sum += sample * sample;
  return sum / samples.length;
}

function smooth(powers: Float32Array): Float32Array {
  const half = (SMOOTHED_FRAMES - 1) / 2;
  return powers.map((_, frame) => {
    const around = powers.subarray(Math.max(0, frame - half), frame + half + 1);
    return around.reduce((sum, power) => sum + power, 0) / around.length;
  });
}

/** Seconds of so many frames. */
export function secondsOfFrames(frames: number): number {
  return (frames * FRAME_SAMPLES) / SAMPLE_RATE;
}
