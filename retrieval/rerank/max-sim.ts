import type { TokenVectors } from '../../inference/embedder.ts';

/** Length of a token's vector. */
const UNIT = 127;

/**
 * Late interaction (Khattab and Zaharia, ColBERT, SIGIR 2020): for each token of the question the cosine of the passage's nearest
 * token, on average over the question's tokens; -1 to 1, and 0 when either has no tokens. Both hold vectors of one model.
 */
export function maxSim(question: TokenVectors, passage: TokenVectors): number {
  if (question.tokens === 0 || passage.tokens === 0) return 0;
  const dimensions = question.vectors.length / question.tokens;
  let sum = 0;
  for (let asked = 0; asked < question.tokens; asked++) {
    let nearest = -Infinity;
    for (let said = 0; said < passage.tokens; said++) {
      nearest = Math.max(nearest, dot(question.vectors, asked * dimensions, passage.vectors, said * dimensions, dimensions));
    }
    sum += nearest;
  }
  return sum / (question.tokens * UNIT * UNIT);
}

function dot(a: Int8Array, fromA: number, b: Int8Array, fromB: number, length: number): number {
  let sum = 0;
  for (let index = 0; index < length; index++) sum += a[fromA + index]! * b[fromB + index]!;
  return sum;
}
