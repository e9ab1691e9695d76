const SAMPLE_RATE = 16_000;

/** A humming voice that comes and goes, and a little noise: the signal of `tests/golden/make_silero.py`, sample by sample. */
export function syntheticVoice(seconds: number): Float32Array {
  return Float32Array.from({ length: seconds * SAMPLE_RATE }, (_, n) => {
    const t = n / SAMPLE_RATE;
    const pitch = 2 * Math.PI * (120 * t + 4 * Math.sin(2 * Math.PI * 0.7 * t));
    const first = 550 + 250 * Math.sin(2 * Math.PI * 1.9 * t);
    const second = 1500 + 500 * Math.sin(2 * Math.PI * 1.3 * t + 1);
    let voice = 0;
    for (let k = 1; k <= 30; k++) {
      const hz = 120 * k;
      const gain = 1 / (1 + ((hz - first) / 120) ** 2) + 0.6 / (1 + ((hz - second) / 160) ** 2) + 0.02;
      voice += gain * Math.sin(k * pitch);
    }
    const syllables = Math.max(0, Math.sin(2 * Math.PI * 2.1 * t)) ** 0.7;
    const speaking = (t > 1.5 && t < 4.2) || (t > 5.6 && t < 7.3) ? 1 : 0;
    const noise = 0.002 * (((n * 7919) % 1000) / 1000 - 0.5);
    return 0.15 * voice * syllables * speaking + noise;
  });
}
