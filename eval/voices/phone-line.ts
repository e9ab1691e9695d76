import { SAMPLE_RATE } from '../../contracts/media.ts';
import type { PcmSource } from '../../inference/pcm-source.ts';
import { seededRandom } from '../metrics/seeded-random.ts';

const CUTOFF_HZ = 3_400;
const TAPS = 101;
const SIGNAL_TO_NOISE_DB = 15;

/** The same speech as over a bad line: nothing above 3.4 kHz, white noise 15 dB below the speech. For want of second microphones. */
export function overThePhone(samples: Float32Array): PcmSource {
  const filter = lowPass();
  const random = seededRandom(1);
  const power = samples.reduce((sum, sample) => sum + sample * sample, 0) / samples.length;
  // Of uniform noise in -1..1 the power is a third.
  const noise = Math.sqrt(3 * power * 10 ** (-SIGNAL_TO_NOISE_DB / 10));
  const heard = samples.map((_, at) => {
    let value = noise * (2 * random() - 1);
    for (const [tap, weight] of filter.entries()) value += weight * (samples[at + tap - (TAPS - 1) / 2] ?? 0);
    return value;
  });
  return { totalSamples: heard.length, read: async (start, count) => heard.slice(start, start + count) };
}

/** Windowed sinc (Hann). */
function lowPass(): Float64Array {
  const cutoff = CUTOFF_HZ / SAMPLE_RATE;
  return Float64Array.from({ length: TAPS }, (_, tap) => {
    const at = tap - (TAPS - 1) / 2;
    const sinc = at === 0 ? 2 * cutoff : Math.sin(2 * Math.PI * cutoff * at) / (Math.PI * at);
    return sinc * (0.5 - 0.5 * Math.cos((2 * Math.PI * tap) / (TAPS - 1)));
  });
}
