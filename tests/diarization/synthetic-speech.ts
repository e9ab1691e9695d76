const SAMPLE_RATE = 16_000;

/** The signal of `tests/golden/make_diarization.py`: a voice of gliding pitch, switched on and off, over a little noise. */
export function syntheticSpeech(seconds: number): Float32Array {
  const samples = new Float32Array(seconds * SAMPLE_RATE);
  let state = 12_345n;
  let phase = 0;
  for (let index = 0; index < samples.length; index++) {
    const t = index / SAMPLE_RATE;
    state = (state * 1_103_515_245n + 12_345n) % 2_147_483_648n;
    const noise = Number(state) / 1_073_741_824 - 1;
    phase += (2 * Math.PI * (120 + 40 * Math.sin(2 * Math.PI * 0.5 * t))) / SAMPLE_RATE;
    let voice = 0;
    for (let harmonic = 1; harmonic <= 8; harmonic++) voice += Math.sin(harmonic * phase) / harmonic;
    const gate = Math.sin(2 * Math.PI * 0.35 * t) > -0.2 ? 1 : 0;
    const envelope = 0.5 + 0.5 * Math.sin(2 * Math.PI * 3 * t);
    samples[index] = 0.12 * gate * envelope * voice + 0.003 * noise;
  }
  return samples;
}
