import { endsInLoop, forbid, type DecodingRules, type TokenRange } from './decoding-rules.ts';
import type { TermBias, TermPlace } from './term-bias.ts';
import { chooseToken, seededRandom, type TokenChoice } from './token-choice.ts';

/** A decoder over several windows at once, each in a row, that has been fed their prompts. */
export interface RowDecoder {
  readonly vocabularySize: number;
  /** Tokens that fit after the prompt. */
  readonly maxTokens: number;
  /** Feeds each row its token; resolves to `[rows, vocabulary]` logits of what comes next, valid until the next call. */
  step(tokens: readonly number[]): Promise<Float32Array>;
  /** Keeps these rows, in this order, for they are not at their end. */
  keepRows(rows: readonly number[]): void;
}

export interface DecodedTokens {
  /** Without the prompt and the end. */
  tokens: number[];
  /** Natural log-probability of each token. */
  logProbabilities: Float32Array;
  /** Mean over the tokens and the end. */
  averageLogProbability: number;
  /** It was stopped in a loop, or it never ended. */
  isRunaway: boolean;
}

interface Sequence {
  window: number;
  tokens: number[];
  logProbabilities: number[];
  sum: number;
  random: () => number;
  place: TermPlace | undefined;
}

/**
 * Decodes every row to its end, at beam 1; rows that end leave the batch. `logits` are those after the prompt, `[rows, vocabulary]`,
 * and are overwritten. Results are in the order of the rows.
 */
export async function decodeGreedily(decoder: RowDecoder, logits: Float32Array, rules: DecodingRules): Promise<DecodedTokens[]> {
  const size = decoder.vocabularySize;
  let active = Array.from({ length: logits.length / size }, (_, window): Sequence => {
    return { window, tokens: [], logProbabilities: [], sum: 0, random: seededRandom(rules.seed + window), place: rules.bias?.start };
  });
  const results: DecodedTokens[] = [];
  for (let current = logits; ;) {
    const going: number[] = [];
    for (const [row, sequence] of active.entries()) {
      const ended = extend(sequence, current.subarray(row * size, (row + 1) * size), rules);
      const isRunaway = !ended && (sequence.tokens.length >= decoder.maxTokens || endsInLoop(sequence.tokens));
      if (ended || isRunaway) results[sequence.window] = finish(sequence, isRunaway);
      else going.push(row);
    }
    if (going.length === 0) return results;
    if (going.length < active.length) {
      const kept = fillGaps(going);
      decoder.keepRows(kept);
      active = kept.map((row) => active[row]!);
    }
    current = await decoder.step(active.map((sequence) => sequence.tokens.at(-1)!));
  }
}

/** Orders ascending `rows` so that as many as can keep their place, and the last ones fill the gaps: moving a row moves megabytes. */
function fillGaps(rows: readonly number[]): number[] {
  const staying = new Set(rows.filter((row) => row < rows.length));
  const moving = rows.filter((row) => row >= rows.length);
  return rows.map((_, place) => (staying.has(place) ? place : moving.pop()!));
}

/** Takes the next token; true at the end of the text. */
function extend(sequence: Sequence, logits: Float32Array, rules: DecodingRules): boolean {
  const allowed = forbid(logits, sequence.tokens, rules);
  const likeliest = chooseToken(logits, allowed, rules.temperature, sequence.random);
  const choice =
    rules.bias === undefined || sequence.place === undefined || rules.temperature > 0
      ? likeliest
      : lean(likeliest, logits, allowed.text, rules.bias, sequence.place);
  if (sequence.place !== undefined) sequence.place = rules.bias?.advance(sequence.place, choice.token).place;
  sequence.sum += choice.logProbability;
  if (choice.token === rules.special.endOfText) return true;
  sequence.tokens.push(choice.token);
  sequence.logProbabilities.push(choice.logProbability);
  return false;
}

/** The token that is the likeliest with what terms gain; `likeliest` is so without. */
function lean(likeliest: TokenChoice, logits: Float32Array, { start, end }: TokenRange, bias: TermBias, place: TermPlace): TokenChoice {
  if (likeliest.token >= end) return likeliest;
  const logSum = logits[likeliest.token]! - likeliest.logProbability;
  let best = likeliest;
  let bestScore = logits[best.token]! + bias.advance(place, best.token).gain;
  for (const token of [...place.children.keys(), ...bias.start.children.keys()]) {
    const score = logits[token]! + bias.advance(place, token).gain;
    if (score <= bestScore || token < start) continue;
    best = { token, logProbability: logits[token]! - logSum };
    bestScore = score;
  }
  return best;
}

function finish(sequence: Sequence, isRunaway: boolean): DecodedTokens {
  return {
    tokens: sequence.tokens,
    logProbabilities: Float32Array.from(sequence.logProbabilities),
    averageLogProbability: sequence.sum / (sequence.tokens.length + 1),
    isRunaway,
  };
}
