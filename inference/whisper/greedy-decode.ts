import { allowedTokens, endsInLoop } from './decoding-rules.ts';
import type { SpecialTokens } from './tokenizer.ts';
import { chooseToken, seededRandom } from './token-choice.ts';

/** A decoder over several windows at once, each in a slot. */
export interface SlotDecoder {
  readonly vocabularySize: number;
  /** Tokens that fit after the prompt. */
  readonly maxTokens: number;
  /** Feeds as many tokens to every slot, `[slots][n]`; resolves to the logits of the last, `[slots, vocabulary]`, valid until the next call. */
  step(tokens: readonly (readonly number[])[]): Promise<Float32Array>;
  /** Frees a slot: the last slot takes its number. */
  drop(slot: number): void;
}

export interface DecodingRules {
  special: SpecialTokens;
  /** Never sampled. */
  suppressed: readonly number[];
  /** Not sampled first: nothing but a blank or the end. */
  suppressedFirst: readonly number[];
  /** 0 takes the likeliest token, more draws. */
  temperature: number;
  seed: number;
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
}

/**
 * Decodes every slot of `decoder` to its end, at beam 1; sequences that end leave the batch. `prompt` is what remains to be fed of
 * it, the same for all. Results are in the order of the slots at the start.
 */
export async function decodeGreedily(
  decoder: SlotDecoder,
  slots: number,
  prompt: readonly number[],
  rules: DecodingRules,
): Promise<DecodedTokens[]> {
  const active = Array.from({ length: slots }, (_, window): Sequence => {
    return { window, tokens: [], logProbabilities: [], sum: 0, random: seededRandom(rules.seed + window) };
  });
  const results: DecodedTokens[] = [];
  let logits = await decoder.step(active.map(() => prompt));
  for (;;) {
    // Backwards, so that the slot that takes a freed number has had its turn.
    for (let slot = active.length - 1; slot >= 0; slot--) {
      const sequence = active[slot]!;
      const ended = extend(sequence, logits.subarray(slot * decoder.vocabularySize, (slot + 1) * decoder.vocabularySize), rules);
      const isRunaway = !ended && (sequence.tokens.length >= decoder.maxTokens || endsInLoop(sequence.tokens));
      if (!ended && !isRunaway) continue;
      results[sequence.window] = finish(sequence, isRunaway);
      decoder.drop(slot);
      const last = active.pop()!;
      if (slot < active.length) active[slot] = last;
    }
    if (active.length === 0) return results;
    logits = await decoder.step(active.map((sequence) => [sequence.tokens.at(-1)!]));
  }
}

/** Takes the next token; true at the end of the text. */
function extend(sequence: Sequence, logits: Float32Array, rules: DecodingRules): boolean {
  const { special } = rules;
  for (const token of rules.suppressed) logits[token] = Number.NEGATIVE_INFINITY;
  logits[special.noTimestamps] = Number.NEGATIVE_INFINITY;
  if (sequence.tokens.length === 0) for (const token of rules.suppressedFirst) logits[token] = Number.NEGATIVE_INFINITY;
  const allowed = allowedTokens(sequence.tokens, special, logits.length);
  const choice = chooseToken(logits, allowed, rules.temperature, sequence.random);
  sequence.sum += choice.logProbability;
  if (choice.token === special.endOfText) return true;
  sequence.tokens.push(choice.token);
  sequence.logProbabilities.push(choice.logProbability);
  return false;
}

function finish(sequence: Sequence, isRunaway: boolean): DecodedTokens {
  return {
    tokens: sequence.tokens,
    logProbabilities: Float32Array.from(sequence.logProbabilities),
    averageLogProbability: sequence.sum / (sequence.tokens.length + 1),
    isRunaway,
  };
}
