import { describe, expect, it } from 'vitest';
import { createComplexFrame, createFft400, FFT_SIZE } from './fft-400.ts';

describe('createFft400', () => {
  it('equals the plain Fourier sum', () => {
    const frame = createComplexFrame();
    for (let n = 0; n < FFT_SIZE; n++) {
      frame.re[n] = Math.sin(n * n * 0.37);
      frame.im[n] = Math.cos(n * 1.7) * ((n % 7) - 3);
    }
    const expected = createComplexFrame();
    for (let k = 0; k < FFT_SIZE; k++) {
      for (let n = 0; n < FFT_SIZE; n++) {
        const angle = (-2 * Math.PI * ((k * n) % FFT_SIZE)) / FFT_SIZE;
        expected.re[k]! += frame.re[n]! * Math.cos(angle) - frame.im[n]! * Math.sin(angle);
        expected.im[k]! += frame.re[n]! * Math.sin(angle) + frame.im[n]! * Math.cos(angle);
      }
    }
    createFft400()(frame, createComplexFrame());
    for (let k = 0; k < FFT_SIZE; k++) {
      expect(frame.re[k]).toBeCloseTo(expected.re[k]!, 9);
      expect(frame.im[k]).toBeCloseTo(expected.im[k]!, 9);
    }
  });
});
