import FFT from 'fft.js';

export const FBANK_BINS = 80;
/** 10 ms. */
export const FBANK_HOP_SAMPLES = 160;
/** 25 ms. */
const FRAME_SAMPLES = 400;
const FFT_SIZE = 512;
const SAMPLE_RATE = 16_000;
const LOW_HZ = 20;
const HIGH_HZ = SAMPLE_RATE / 2;
const PRE_EMPHASIS = 0.97;
const POVEY_EXPONENT = 0.85;
/** Kaldi's floor below the logarithm: the epsilon of float32. */
const ENERGY_FLOOR = 2 ** -23;

interface MelFilter {
  firstBin: number;
  weights: Float64Array;
}

/** Frames that `samples` samples give: kaldi's `snip_edges`, no frame beyond the end. */
export function fbankFrames(samples: number): number {
  return samples < FRAME_SAMPLES ? 0 : 1 + Math.floor((samples - FRAME_SAMPLES) / FBANK_HOP_SAMPLES);
}

/**
 * Kaldi's log mel filter bank with its defaults and no dither (mean removed, pre-emphasis, Povey window, power spectrum):
 * what CAM++ was trained on. The returned function maps float32 samples in -1..1 to [frames, 80], row-major.
 */
export function createKaldiFbank(): (samples: Float32Array) => Float32Array {
  const fft = new FFT(FFT_SIZE);
  const spectrum = fft.createComplexArray();
  const frame = Array.from<number>({ length: FFT_SIZE }).fill(0);
  const window = poveyWindow();
  const filters = melFilters();
  const power = new Float64Array(FFT_SIZE / 2);

  return (samples) => {
    const frames = fbankFrames(samples.length);
    const output = new Float32Array(frames * FBANK_BINS);
    for (let index = 0; index < frames; index++) {
      fillFrame(samples, index * FBANK_HOP_SAMPLES, window, frame);
      fft.realTransform(spectrum, frame);
      for (let bin = 0; bin < power.length; bin++) {
        const real = spectrum[2 * bin] ?? 0;
        const imaginary = spectrum[2 * bin + 1] ?? 0;
        power[bin] = real * real + imaginary * imaginary;
      }
      for (let mel = 0; mel < FBANK_BINS; mel++) {
        output[index * FBANK_BINS + mel] = Math.log(Math.max(energy(power, filters[mel]), ENERGY_FLOOR));
      }
    }
    return output;
  };
}

function fillFrame(samples: Float32Array, start: number, window: Float64Array, frame: number[]): void {
  let mean = 0;
  for (let index = 0; index < FRAME_SAMPLES; index++) mean += samples[start + index] ?? 0;
  mean /= FRAME_SAMPLES;
  // Kaldi lets the first sample be its own predecessor.
  let previous = (samples[start] ?? 0) - mean;
  for (let index = 0; index < FRAME_SAMPLES; index++) {
    const value = (samples[start + index] ?? 0) - mean;
    frame[index] = (value - PRE_EMPHASIS * previous) * (window[index] ?? 0);
    previous = value;
  }
}

function energy(power: Float64Array, filter: MelFilter | undefined): number {
  if (filter === undefined) return 0;
  let sum = 0;
  for (let index = 0; index < filter.weights.length; index++) {
    sum += (power[filter.firstBin + index] ?? 0) * (filter.weights[index] ?? 0);
  }
  return sum;
}

function poveyWindow(): Float64Array {
  return Float64Array.from({ length: FRAME_SAMPLES }, (_, index) => {
    const hann = 0.5 - 0.5 * Math.cos((2 * Math.PI * index) / (FRAME_SAMPLES - 1));
    return hann ** POVEY_EXPONENT;
  });
}

function toMel(hertz: number): number {
  return 1127 * Math.log(1 + hertz / 700);
}

/** Triangles of equal width on the mel scale. */
function melFilters(): MelFilter[] {
  const low = toMel(LOW_HZ);
  const step = (toMel(HIGH_HZ) - low) / (FBANK_BINS + 1);
  const binMel = Float64Array.from({ length: FFT_SIZE / 2 }, (_, bin) => toMel((bin * SAMPLE_RATE) / FFT_SIZE));
  return Array.from({ length: FBANK_BINS }, (_, index) => {
    const left = low + index * step;
    const right = left + 2 * step;
    const inside = (mel: number): boolean => mel > left && mel < right;
    const firstBin = Math.max(0, binMel.findIndex(inside));
    const weights = binMel.filter(inside).map((mel) => Math.min(mel - left, right - mel) / step);
    return { firstBin, weights };
  });
}
