import type { AllowedTokens, TokenRange } from './decoding-rules.ts';

export interface TokenChoice {
  token: number;
  /** Natural logarithm of the token's probability among those allowed, at temperature 1. */
  logProbability: number;
}

/** Terms this far below the largest change a log-probability by less than 0.001 in practice: skipping them spares nearly every `exp`. */
const NEGLIGIBLE = 18;

/** Logits are looked at in blocks, so that whole blocks of negligible ones are skipped: this runs for every token of every window. */
const BLOCK = 128;
const BLOCK_MAXIMA = new Float64Array(1024);

/**
 * The next token of one sequence from its `logits` over the vocabulary: the likeliest at temperature 0, else drawn with `random`
 * (uniform in 0..1). Where times together outweigh each single plain token, a time is taken. Suppressed tokens hold -Infinity.
 */
export function chooseToken(logits: Float32Array, allowed: AllowedTokens, temperature: number, random: () => number): TokenChoice {
  const { text, times, preferTimes, ranges, logSum } = weigh(logits, allowed);
  if (temperature > 0) {
    const token = draw(logits, ranges, temperature, random);
    return { token, logProbability: logits[token]! - logSum };
  }
  const best = preferTimes || times.highest > text.highest ? times : text;
  return { token: best.token, logProbability: best.highest - logSum };
}

/**
 * The `count` likeliest next tokens, best first, as `chooseToken` would take them; of `wanted` all that are allowed come along. Fewer
 * where fewer are possible.
 */
export function likeliestTokens(logits: Float32Array, allowed: AllowedTokens, count: number, wanted: Iterable<number> = []): TokenChoice[] {
  const { ranges, logSum } = weigh(logits, allowed);
  const best: number[] = [];
  let least = Number.NEGATIVE_INFINITY;
  for (const { start, end } of ranges) {
    for (let token = start; token < end; token++) {
      const logit = logits[token]!;
      if (logit <= least) continue;
      const place = best.findIndex((other) => logits[other]! < logit);
      best.splice(place === -1 ? best.length : place, 0, token);
      if (best.length > count) best.pop();
      if (best.length === count) least = logits[best[count - 1]!]!;
    }
  }
  for (const token of wanted) if (!best.includes(token) && isPossible(token, logits, ranges)) best.push(token);
  return best.map((token) => ({ token, logProbability: logits[token]! - logSum }));
}

function isPossible(token: number, logits: Float32Array, ranges: readonly TokenRange[]): boolean {
  return logits[token]! > Number.NEGATIVE_INFINITY && ranges.some(({ start, end }) => token >= start && token < end);
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

/** What is allowed, in sum: where times together outweigh each single plain token, only times are left. */
function weigh(
  logits: Float32Array,
  allowed: AllowedTokens,
): { text: Summary; times: Summary; preferTimes: boolean; ranges: TokenRange[]; logSum: number } {
  const text = summarise(logits, allowed.text);
  const times = summarise(logits, allowed.timestamps);
  const preferTimes = times.logSum > text.highest;
  return {
    text,
    times,
    preferTimes,
    ranges: preferTimes ? [allowed.timestamps] : [allowed.text, allowed.timestamps],
    logSum: preferTimes ? times.logSum : logAdd(text.logSum, times.logSum),
  };
}

function summarise(logits: Float32Array, { start, end }: TokenRange): Summary {
  const blocks = Math.ceil(Math.max(0, end - start) / BLOCK);
  let highest = Number.NEGATIVE_INFINITY;
  let bestBlock = 0;
  for (let block = 0; block < blocks; block++) {
    const from = start + block * BLOCK;
    const until = Math.min(end, from + BLOCK);
    let high = Number.NEGATIVE_INFINITY;
    for (let i = from; i < until; i++) high = logits[i]! > high ? logits[i]! : high;
    BLOCK_MAXIMA[block] = high;
    if (high > highest) {
      highest = high;
      bestBlock = block;
    }
  }
  if (highest === Number.NEGATIVE_INFINITY) return { token: start, highest, logSum: highest };
  const least = highest - NEGLIGIBLE;
  let sum = 0;
  for (let block = 0; block < blocks; block++) {
    if (BLOCK_MAXIMA[block]! < least) continue;
    const from = start + block * BLOCK;
    const until = Math.min(end, from + BLOCK);
    for (let i = from; i < until; i++) if (logits[i]! > least) sum += Math.exp(logits[i]! - highest);
  }
  return { token: logits.indexOf(highest, start + bestBlock * BLOCK), highest, logSum: highest + Math.log(sum) };
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
