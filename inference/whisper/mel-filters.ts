import { FFT_SIZE } from './fft-400.ts';

const SAMPLE_RATE = 16_000;
const BINS = FFT_SIZE / 2 + 1;
/** Slaney's mel scale: linear below 1 kHz, logarithmic above. */
const HZ_PER_MEL = 200 / 3;
const LOG_START_HZ = 1000;
const LOG_START_MEL = LOG_START_HZ / HZ_PER_MEL;
const LOG_STEP = Math.log(6.4) / 27;

/** One triangle, stored without its zeros. */
export interface MelFilter {
  firstBin: number;
  weights: Float64Array;
}

function melToHz(mel: number): number {
  return mel < LOG_START_MEL ? mel * HZ_PER_MEL : LOG_START_HZ * Math.exp(LOG_STEP * (mel - LOG_START_MEL));
}

function hzToMel(hz: number): number {
  return hz < LOG_START_HZ ? hz / HZ_PER_MEL : LOG_START_MEL + Math.log(hz / LOG_START_HZ) / LOG_STEP;
}

/**
 * Triangular filters over the 201 power bins of a 400-point transform at 16 kHz, 0 to 8 kHz, each of area 1 per Hz
 * (librosa's `filters.mel(norm="slaney")`, which Whisper ships as `mel_filters.npz`). `count` is 80, or 128 for large-v3.
 */
export function createMelFilters(count: number): MelFilter[] {
  const highestMel = hzToMel(SAMPLE_RATE / 2);
  const edgesHz = Array.from({ length: count + 2 }, (_, index) => melToHz((highestMel * index) / (count + 1)));
  return Array.from({ length: count }, (_, index) => {
    const [low, peak, high] = [edgesHz[index]!, edgesHz[index + 1]!, edgesHz[index + 2]!];
    const triangle = Float64Array.from({ length: BINS }, (_unused, bin) => {
      const hz = (bin * SAMPLE_RATE) / FFT_SIZE;
      return Math.max(0, Math.min((hz - low) / (peak - low), (high - hz) / (high - peak))) * (2 / (high - low));
    });
    const firstBin = Math.max(
      0,
      triangle.findIndex((weight) => weight > 0),
    );
    const endBin = triangle.findLastIndex((weight) => weight > 0) + 1;
    return { firstBin, weights: triangle.slice(firstBin, Math.max(firstBin, endBin)) };
  });
}
