import type { AllowedTokens, TokenRange } from './decoding-rules.ts';

export interface TokenChoice {
  token: number;
  /** Natural logarithm of the token's probability among those allowed, at temperature 1. */
  logProbability: number;
}

/** Terms this far below the largest add less than 2e-6 in all: skipping them saves nearly every `exp`. */
const NEGLIGIBLE = 24;

/**
 * The next token of one sequence from its `logits` over the vocabulary: the likeliest at temperature 0, else drawn with `random`
 * (uniform in 0..1). Where times together outweigh each single plain token, a time is taken. Suppressed tokens hold -Infinity.
 */
export function chooseToken(logits: Float32Array, allowed: AllowedTokens, temperature: number, random: () => number): TokenChoice {
  const text = summarise(logits, allowed.text);
  const times = summarise(logits, allowed.timestamps);
  const preferTimes = times.logSum > text.highest;
  const logSum = preferTimes ? times.logSum : logAdd(text.logSum, times.logSum);
  const ranges = preferTimes ? [allowed.timestamps] : [allowed.text, allowed.timestamps];
  if (temperature > 0) {
    const token = draw(logits, ranges, temperature, random);
    return { token, logProbability: logits[token]! - logSum };
  }
  const best = preferTimes || times.highest > text.highest ? times : text;
  return { token: best.token, logProbability: best.highest - logSum };
}

/** Probability of one token under the softmax of all `logits`. */
export function probabilityOf(token: number, logits: Float32Array): number {
  return Math.exp(logits[token]! - summarise(logits, { start: 0, end: logits.length }).logSum);
}

interface Summary {
  token: number;
  highest: number;
  logSum: number;
}

function summarise(logits: Float32Array, { start, end }: TokenRange): Summary {
  let token = start;
  let highest = Number.NEGATIVE_INFINITY;
  for (let i = start; i < end; i++) {
    const value = logits[i]!;
    if (value > highest) {
      highest = value;
      token = i;
    }
  }
  if (highest === Number.NEGATIVE_INFINITY) return { token, highest, logSum: highest };
  let sum = 0;
  const least = highest - NEGLIGIBLE;
  for (let i = start; i < end; i++) {
    const value = logits[i]!;
    if (value > least) sum += Math.exp(value - highest);
  }
  return { token, highest, logSum: highest + Math.log(sum) };
}

function logAdd(a: number, b: number): number {
  const high = Math.max(a, b);
  return high === Number.NEGATIVE_INFINITY ? high : high + Math.log(Math.exp(a - high) + Math.exp(b - high));
}

/** Draws from the softmax of `logits / temperature` over `ranges`. */
function draw(logits: Float32Array, ranges: readonly TokenRange[], temperature: number, random: () => number): number {
  const highest = Math.max(...ranges.map((range) => summarise(logits, range).highest));
  const weight = (token: number): number => Math.exp((logits[token]! - highest) / temperature);
  let total = 0;
  for (const { start, end } of ranges) for (let i = start; i < end; i++) total += weight(i);
  let left = random() * total;
  let last = ranges[0]!.start;
  for (const { start, end } of ranges) {
    for (let i = start; i < end; i++) {
      const share = weight(i);
      if (share === 0) continue;
      last = i;
      left -= share;
      if (left <= 0) return i;
    }
  }
  return last;
}

/** A small generator with a seed (mulberry32), so that the same audio always gives the same words. */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
