import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { createLogMel, WINDOW_FRAMES, WINDOW_SAMPLES } from './log-mel.ts';

interface Golden {
  content: number;
  frames: number[];
  features: Record<string, number[][]>;
}

const golden = JSON.parse(readFileSync(new URL('../../tests/golden/log-mel.json', import.meta.url), 'utf8')) as Golden;

/** The signal of `make_log_mel.py`: chirp with pauses, a square wave later, a little noise. */
function goldenSignal(): Float32Array {
  return Float32Array.from({ length: golden.content }, (_, n) => {
    const chirp = 0.3 * Math.sin((2 * Math.PI * (200 + 0.02 * n) * n) / 16_000);
    const buzz = 0.1 * Math.sign(Math.sin((2 * Math.PI * 90 * n) / 16_000));
    const noise = 0.01 * (((n * 7919) % 1000) / 1000 - 0.5);
    return (n % 16_000 < 12_000 ? chirp : 0) + (n > 30_000 ? buzz : 0) + noise;
  });
}

describe('createLogMel', () => {
  it.each([80, 128])('equals faster-whisper with %i bins to 1e-4', (bins) => {
    const features = createLogMel(bins)(goldenSignal());
    expect(features).toHaveLength(bins * WINDOW_FRAMES);
    let worst = 0;
    for (const [index, frame] of golden.frames.entries()) {
      for (let bin = 0; bin < bins; bin++) {
        const error = Math.abs(features[bin * WINDOW_FRAMES + frame]! - golden.features[String(bins)]![index]![bin]!);
        worst = Math.max(worst, error);
      }
    }
    expect(worst).toBeLessThan(1e-4);
  });

  it('gives silence its floor and never a NaN', () => {
    const features = createLogMel(80)(new Float32Array(0));
    expect(features.every((value) => Math.abs(value - -1.5) < 1e-6)).toBe(true);
  });

  it('gives the first frames of a window when fewer are asked for', () => {
    const [all, some] = [createLogMel(80)(goldenSignal()), createLogMel(80)(goldenSignal(), WINDOW_FRAMES - 500)];
    const row = WINDOW_FRAMES - 500;
    expect(some).toHaveLength(80 * row);
    for (const bin of [0, 40, 79]) {
      expect(some.subarray(bin * row, (bin + 1) * row)).toEqual(all.subarray(bin * WINDOW_FRAMES, bin * WINDOW_FRAMES + row));
    }
  });

  it('reads no more than 30 seconds', () => {
    const long = new Float32Array(WINDOW_SAMPLES + 1600).fill(0.5, WINDOW_SAMPLES);
    expect(createLogMel(80)(long)).toEqual(createLogMel(80)(new Float32Array(0)));
  });
});
