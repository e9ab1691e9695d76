/** Whisper's frame of 25 ms at 16 kHz; not a power of two, hence this transform instead of fft.js. */
export const FFT_SIZE = 400;

const RADICES = [4, 4, 5, 5] as const;

interface Stage {
  radix: 4 | 5;
  /** Butterflies of this stage, and the distance between neighbouring sub-transforms. */
  groups: number;
  stride: number;
  /** exp(-2 pi i p k / n) as [p][k - 1] pairs of cosine and sine. */
  cosines: Float64Array;
  sines: Float64Array;
}

const COS_72 = Math.cos((2 * Math.PI) / 5);
const COS_144 = Math.cos((4 * Math.PI) / 5);
const SIN_72 = Math.sin((2 * Math.PI) / 5);
const SIN_144 = Math.sin((4 * Math.PI) / 5);

function createStages(): Stage[] {
  const stages: Stage[] = [];
  let length = FFT_SIZE;
  let stride = 1;
  for (const radix of RADICES) {
    const groups = length / radix;
    const cosines = new Float64Array(groups * (radix - 1));
    const sines = new Float64Array(groups * (radix - 1));
    for (let p = 0; p < groups; p++) {
      for (let k = 1; k < radix; k++) {
        const angle = (-2 * Math.PI * p * k) / length;
        cosines[p * (radix - 1) + k - 1] = Math.cos(angle);
        sines[p * (radix - 1) + k - 1] = Math.sin(angle);
      }
    }
    stages.push({ radix, groups, stride, cosines, sines });
    length = groups;
    stride *= radix;
  }
  return stages;
}

/** A complex signal of 400 values as two planes. */
export interface ComplexFrame {
  re: Float64Array;
  im: Float64Array;
}

export function createComplexFrame(): ComplexFrame {
  return { re: new Float64Array(FFT_SIZE), im: new Float64Array(FFT_SIZE) };
}

/**
 * Forward complex transform of 400 points (Stockham's self-sorting form, radices 4, 4, 5, 5), in `frame`; `scratch` is overwritten.
 * Four stages are an even number of buffer swaps, so that the result lies in `frame` again.
 */
export function createFft400(): (frame: ComplexFrame, scratch: ComplexFrame) => void {
  const stages = createStages();
  return (frame, scratch) => {
    let from = frame;
    let to = scratch;
    for (const stage of stages) {
      if (stage.radix === 4) runRadix4(stage, from, to);
      else runRadix5(stage, from, to);
      [from, to] = [to, from];
    }
  };
}

function runRadix4(stage: Stage, from: ComplexFrame, to: ComplexFrame): void {
  const { groups, stride, cosines, sines } = stage;
  const xr = from.re;
  const xi = from.im;
  const yr = to.re;
  const yi = to.im;
  const step = stride * groups;
  for (let p = 0; p < groups; p++) {
    const c1 = cosines[p * 3]!;
    const s1 = sines[p * 3]!;
    const c2 = cosines[p * 3 + 1]!;
    const s2 = sines[p * 3 + 1]!;
    const c3 = cosines[p * 3 + 2]!;
    const s3 = sines[p * 3 + 2]!;
    for (let q = 0; q < stride; q++) {
      const i = q + stride * p;
      const o = q + stride * 4 * p;
      const ar = xr[i]! + xr[i + 2 * step]!;
      const ai = xi[i]! + xi[i + 2 * step]!;
      const br = xr[i]! - xr[i + 2 * step]!;
      const bi = xi[i]! - xi[i + 2 * step]!;
      const cr = xr[i + step]! + xr[i + 3 * step]!;
      const ci = xi[i + step]! + xi[i + 3 * step]!;
      const dr = xr[i + step]! - xr[i + 3 * step]!;
      const di = xi[i + step]! - xi[i + 3 * step]!;
      yr[o] = ar + cr;
      yi[o] = ai + ci;
      yr[o + stride] = (br + di) * c1 - (bi - dr) * s1;
      yi[o + stride] = (br + di) * s1 + (bi - dr) * c1;
      yr[o + 2 * stride] = (ar - cr) * c2 - (ai - ci) * s2;
      yi[o + 2 * stride] = (ar - cr) * s2 + (ai - ci) * c2;
      yr[o + 3 * stride] = (br - di) * c3 - (bi + dr) * s3;
      yi[o + 3 * stride] = (br - di) * s3 + (bi + dr) * c3;
    }
  }
}

function runRadix5(stage: Stage, from: ComplexFrame, to: ComplexFrame): void {
  const { groups, stride, cosines, sines } = stage;
  const xr = from.re;
  const xi = from.im;
  const yr = to.re;
  const yi = to.im;
  const step = stride * groups;
  for (let p = 0; p < groups; p++) {
    for (let q = 0; q < stride; q++) {
      const i = q + stride * p;
      let o = q + stride * 5 * p;
      const x0r = xr[i]!;
      const x0i = xi[i]!;
      const sum1r = xr[i + step]! + xr[i + 4 * step]!;
      const sum1i = xi[i + step]! + xi[i + 4 * step]!;
      const dif1r = xr[i + step]! - xr[i + 4 * step]!;
      const dif1i = xi[i + step]! - xi[i + 4 * step]!;
      const sum2r = xr[i + 2 * step]! + xr[i + 3 * step]!;
      const sum2i = xi[i + 2 * step]! + xi[i + 3 * step]!;
      const dif2r = xr[i + 2 * step]! - xr[i + 3 * step]!;
      const dif2i = xi[i + 2 * step]! - xi[i + 3 * step]!;
      const even1r = x0r + COS_72 * sum1r + COS_144 * sum2r;
      const even1i = x0i + COS_72 * sum1i + COS_144 * sum2i;
      const even2r = x0r + COS_144 * sum1r + COS_72 * sum2r;
      const even2i = x0i + COS_144 * sum1i + COS_72 * sum2i;
      const odd1r = SIN_72 * dif1i + SIN_144 * dif2i;
      const odd1i = -SIN_72 * dif1r - SIN_144 * dif2r;
      const odd2r = SIN_144 * dif1i - SIN_72 * dif2i;
      const odd2i = -SIN_144 * dif1r + SIN_72 * dif2r;
      yr[o] = x0r + sum1r + sum2r;
      yi[o] = x0i + sum1i + sum2i;
      const t = p * 4;
      o += stride;
      yr[o] = (even1r + odd1r) * cosines[t]! - (even1i + odd1i) * sines[t]!;
      yi[o] = (even1r + odd1r) * sines[t]! + (even1i + odd1i) * cosines[t]!;
      o += stride;
      yr[o] = (even2r + odd2r) * cosines[t + 1]! - (even2i + odd2i) * sines[t + 1]!;
      yi[o] = (even2r + odd2r) * sines[t + 1]! + (even2i + odd2i) * cosines[t + 1]!;
      o += stride;
      yr[o] = (even2r - odd2r) * cosines[t + 2]! - (even2i - odd2i) * sines[t + 2]!;
      yi[o] = (even2r - odd2r) * sines[t + 2]! + (even2i - odd2i) * cosines[t + 2]!;
      o += stride;
      yr[o] = (even1r - odd1r) * cosines[t + 3]! - (even1i - odd1i) * sines[t + 3]!;
      yi[o] = (even1r - odd1r) * sines[t + 3]! + (even1i - odd1i) * cosines[t + 3]!;
    }
  }
}
