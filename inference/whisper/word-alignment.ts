const MEDIAN_WIDTH = 7;

/** Raw attention scores of the alignment heads, `[heads, tokens, columns]`, before the softmax. */
export interface AttentionScores {
  scores: Float32Array;
  heads: number;
  tokens: number;
  columns: number;
}

/**
 * Where each token is heard: the audio frame (20 ms) at which the best path through the cross-attention enters each row.
 * `frames` are the columns that hold audio; `firstToken` and `endToken` bound the rows that take part in the path, while all rows take
 * part in the normalisation. Source: openai/whisper `find_alignment` (softmax, z-score over tokens, median of 7, mean, DTW); the
 * median is taken of the heads' mean rather than of each head, which spares most of the work and moves no word by more than a frame or two.
 */
export function alignTokens(attention: AttentionScores, frames: number, firstToken: number, endToken: number): Int32Array {
  const rows = endToken - firstToken;
  const total = new Float32Array(rows * frames);
  const plane = new Float32Array(attention.tokens * frames);
  for (let head = 0; head < attention.heads; head++) {
    softmaxRows(attention, head, frames, plane);
    addNormalised(plane, attention.tokens, frames, total, firstToken);
  }
  const cost = new Float32Array(rows * frames);
  for (let row = 0; row < rows; row++) {
    const start = row * frames;
    negateMedians(total.subarray(start, start + frames), cost.subarray(start, start + frames));
  }
  return pathStarts(cost, rows, frames);
}

function softmaxRows(attention: AttentionScores, head: number, frames: number, into: Float32Array): void {
  for (let token = 0; token < attention.tokens; token++) {
    const from = (head * attention.tokens + token) * attention.columns;
    const row = attention.scores.subarray(from, from + frames);
    let highest = Number.NEGATIVE_INFINITY;
    for (let i = 0; i < frames; i++) if (row[i]! > highest) highest = row[i]!;
    let sum = 0;
    const to = token * frames;
    for (let i = 0; i < frames; i++) sum += into[to + i] = Math.exp(row[i]! - highest);
    for (let i = 0; i < frames; i++) into[to + i]! /= sum;
  }
}

/** Adds the rows of `plane` from `firstToken` on to `total`, each column brought to mean 0 and deviation 1 over all tokens. */
function addNormalised(plane: Float32Array, tokens: number, frames: number, total: Float32Array, firstToken: number): void {
  const mean = new Float64Array(frames);
  const scale = new Float64Array(frames);
  for (let token = 0; token < tokens; token++) {
    const start = token * frames;
    for (let i = 0; i < frames; i++) {
      const value = plane[start + i]!;
      mean[i]! += value;
      scale[i]! += value * value;
    }
  }
  for (let i = 0; i < frames; i++) {
    mean[i]! /= tokens;
    scale[i] = 1 / (Math.sqrt(Math.max(scale[i]! / tokens - mean[i]! * mean[i]!, 0)) || 1);
  }
  const rows = total.length / frames;
  for (let row = 0; row < rows; row++) {
    const from = (firstToken + row) * frames;
    const to = row * frames;
    for (let i = 0; i < frames; i++) total[to + i]! += (plane[from + i]! - mean[i]!) * scale[i]!;
  }
}

/** The negative of the running median of `row`; the ends of the row are mirrored. */
function negateMedians(row: Float32Array, into: Float32Array): void {
  const half = (MEDIAN_WIDTH - 1) / 2;
  const length = row.length;
  const sorted = new Float32Array(MEDIAN_WIDTH);
  const at = (index: number): number => {
    if (length === 1) return row[0]!;
    const period = 2 * (length - 1);
    const wrapped = ((index % period) + period) % period;
    return row[wrapped < length ? wrapped : period - wrapped]!;
  };
  for (let i = 0; i < length; i++) {
    const inside = i >= half && i + half < length;
    for (let k = 0; k < MEDIAN_WIDTH; k++) {
      const value = inside ? row[i - half + k]! : at(i - half + k);
      let slot = k;
      while (slot > 0 && sorted[slot - 1]! > value) {
        sorted[slot] = sorted[slot - 1]!;
        slot--;
      }
      sorted[slot] = value;
    }
    into[i] = -sorted[half]!;
  }
}

const DIAGONAL = 0;
const NEXT_ROW = 1;
const NEXT_COLUMN = 2;

/**
 * Dynamic time warping over `cost [rows, columns]` from the first cell to the last, each step a row, a column or both further.
 * Returns for each row the column at which the cheapest path enters it.
 */
export function pathStarts(cost: Float32Array, rows: number, columns: number): Int32Array {
  const trace = new Uint8Array(rows * columns);
  let above = new Float64Array(columns).fill(Number.POSITIVE_INFINITY);
  let current = new Float64Array(columns);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      const diagonal = column > 0 ? above[column - 1]! : row === 0 ? 0 : Number.POSITIVE_INFINITY;
      const up = above[column]!;
      const left = column > 0 ? current[column - 1]! : Number.POSITIVE_INFINITY;
      let best = diagonal;
      let step = DIAGONAL;
      if (up < best) {
        best = up;
        step = NEXT_ROW;
      }
      if (left < best) {
        best = left;
        step = NEXT_COLUMN;
      }
      current[column] = best + cost[row * columns + column]!;
      trace[row * columns + column] = step;
    }
    [above, current] = [current, above];
  }
  const starts = new Int32Array(rows);
  let row = rows - 1;
  let column = columns - 1;
  while (row >= 0 && column >= 0) {
    starts[row] = column;
    const step = trace[row * columns + column];
    if (step !== NEXT_COLUMN) row--;
    if (step !== NEXT_ROW) column--;
  }
  return starts;
}
