interface SincParameters {
  /** Lower cut-off above `MIN_HZ`, as trained: its sign is of no meaning. [40] */
  lowHz: Float32Array;
  /** Bandwidth above `MIN_HZ`, likewise. [40] */
  bandHz: Float32Array;
  /** Left half of the Hamming window. [125] */
  window: Float32Array;
  /** Left half of the time axis, 2 pi n / sample rate, all negative. [125] */
  time: Float32Array;
}

const MIN_HZ = 50;
const NYQUIST_HZ = 8000;

/**
 * The band-pass filters of SincNet (Ravanelli and Bengio 2018, in the parametrised form of Asteroid that pyannote uses):
 * 40 even ones, then their 40 odd counterparts, each 2 x 125 + 1 taps. The weights hold cut-offs; the taps follow from them.
 */
export function sincFilters({ lowHz, bandHz, window, time }: SincParameters): { dims: number[]; taps: number; data: Float32Array } {
  const half = window.length;
  const taps = 2 * half + 1;
  const bands = lowHz.length;
  const data = new Float32Array(2 * bands * taps);
  for (let band = 0; band < bands; band++) {
    const low = MIN_HZ + Math.abs(lowHz[band] ?? 0);
    const high = Math.min(Math.max(low + MIN_HZ + Math.abs(bandHz[band] ?? 0), MIN_HZ), NYQUIST_HZ);
    const even = band * taps;
    const odd = (bands + band) * taps;
    const width = 2 * (high - low);
    data[even + half] = 1;
    for (let tap = 0; tap < half; tap++) {
      const n = time[tap] ?? 0;
      const scale = (window[tap] ?? 0) / (n / 2) / width;
      const sine = (Math.sin(high * n) - Math.sin(low * n)) * scale;
      const cosine = (Math.cos(low * n) - Math.cos(high * n)) * scale;
      data[even + tap] = sine;
      data[even + taps - 1 - tap] = sine;
      data[odd + tap] = cosine;
      data[odd + taps - 1 - tap] = -cosine;
    }
  }
  return { dims: [2 * bands, 1, taps], taps, data };
}
