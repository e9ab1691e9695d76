import { createComplexFrame, createFft400, FFT_SIZE } from './fft-400.ts';
import { createMelFilters } from './mel-filters.ts';

/** 10 ms at 16 kHz. */
export const HOP_SAMPLES = 160;
/** Whisper sees windows of 30 s. */
export const WINDOW_SAMPLES = 480_000;
export const WINDOW_FRAMES = WINDOW_SAMPLES / HOP_SAMPLES;

const HALF = FFT_SIZE / 2;
const POWER_FLOOR = 1e-10;
/** Dynamic range kept below the loudest value, in factors of ten. */
const RANGE = 8;

/** Features `[bins, frames]` of one window; `samples` beyond 30 s are not read, shorter audio is followed by silence. */
export type LogMel = (samples: Float32Array, frames?: number) => Float32Array;

/**
 * Whisper's log-mel features: 25 ms Hann frames every 10 ms, centred with reflection, power, mel filters, log10 clamped to eight
 * decades under the window's maximum, then (x + 4) / 4. One instance works for one window at a time (its buffers are shared).
 * Source: Radford et al. 2022, and openai/whisper `log_mel_spectrogram`.
 */
export function createLogMel(bins: number): LogMel {
  const filters = createMelFilters(bins);
  const hann = Float64Array.from({ length: FFT_SIZE }, (_, n) => 0.5 - 0.5 * Math.cos((2 * Math.PI * n) / FFT_SIZE));
  const fft = createFft400();
  const frame = createComplexFrame();
  const scratch = createComplexFrame();
  const powers: [Float64Array, Float64Array] = [new Float64Array(HALF + 1), new Float64Array(HALF + 1)];

  return (samples, wanted = WINDOW_FRAMES) => {
    const length = Math.min(samples.length, WINDOW_SAMPLES);
    const output = new Float32Array(bins * wanted).fill(Math.log10(POWER_FLOOR));
    const frames = Math.min(wanted, Math.ceil((length + HALF) / HOP_SAMPLES));
    let highest = Math.log10(POWER_FLOOR);
    // Two real frames share one complex transform: one is its real part, the other its imaginary part.
    for (let t = 0; t < frames; t += 2) {
      loadFrame(samples, length, t, hann, frame.re);
      loadFrame(samples, length, t + 1, hann, frame.im);
      fft(frame, scratch);
      separatePowers(frame.re, frame.im, powers);
      for (const [offset, power] of powers.entries()) {
        if (t + offset >= frames) break;
        for (let bin = 0; bin < bins; bin++) {
          const { firstBin, weights } = filters[bin]!;
          let energy = 0;
          for (let k = 0; k < weights.length; k++) energy += weights[k]! * power[firstBin + k]!;
          const value = Math.log10(Math.max(energy, POWER_FLOOR));
          if (value > highest) highest = value;
          output[bin * wanted + t + offset] = value;
        }
      }
    }
    const lowest = highest - RANGE;
    for (let i = 0; i < output.length; i++) output[i] = (Math.max(output[i]!, lowest) + 4) / 4;
    return output;
  };
}

/** The windowed samples around the centre of frame `t`; the window's two ends reflect, what lies past `length` is silence. */
function loadFrame(samples: Float32Array, length: number, t: number, hann: Float64Array, into: Float64Array): void {
  const start = t * HOP_SAMPLES - HALF;
  if (start >= 0 && start + FFT_SIZE <= length) {
    for (let n = 0; n < FFT_SIZE; n++) into[n] = samples[start + n]! * hann[n]!;
    return;
  }
  for (let n = 0; n < FFT_SIZE; n++) {
    let index = Math.abs(start + n);
    if (index >= WINDOW_SAMPLES) index = 2 * (WINDOW_SAMPLES - 1) - index;
    into[n] = index < length ? samples[index]! * hann[n]! : 0;
  }
}

/** Power spectra of the two real signals packed into one complex transform (bins 0 to 200 of each). */
function separatePowers(re: Float64Array, im: Float64Array, into: [Float64Array, Float64Array]): void {
  const [first, second] = into;
  for (let k = 0; k <= HALF; k++) {
    const mirror = k === 0 ? 0 : FFT_SIZE - k;
    const evenRe = re[k]! + re[mirror]!;
    const oddIm = im[k]! - im[mirror]!;
    const evenIm = im[k]! + im[mirror]!;
    const oddRe = re[mirror]! - re[k]!;
    first[k] = (evenRe * evenRe + oddIm * oddIm) / 4;
    second[k] = (evenIm * evenIm + oddRe * oddRe) / 4;
  }
}
