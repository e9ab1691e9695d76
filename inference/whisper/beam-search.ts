import { endsInLoop, forbid, type DecodingRules } from './decoding-rules.ts';
import type { DecodedTokens, RowDecoder } from './greedy-decode.ts';
import type { TermPlace } from './term-bias.ts';
import { likeliestTokens } from './token-choice.ts';

export interface BeamOptions {
  /** Hypotheses of a window that are followed side by side. */
  width: number;
  /** A window is done when this many times `width` hypotheses have ended. */
  patience: number;
}

interface Hypothesis {
  tokens: readonly number[];
  logProbabilities: readonly number[];
  /** Sum of the natural log-probabilities, the end included where it has ended. */
  sum: number;
  /** What the terms in it have gained. */
  gain: number;
  place: TermPlace | undefined;
}

interface Candidate {
  /** Row of the batch that it goes on from. */
  row: number;
  ends: boolean;
  hypothesis: Hypothesis;
}

interface Search {
  window: number;
  going: Hypothesis[];
  ended: Hypothesis[];
  /** Fell into a loop, or ran out of room. */
  lost: Hypothesis[];
}

/**
 * Decodes every window to its likeliest text by beam search: at each step the `width` likeliest continuations live on; of those that
 * ended, the one with the best mean log-probability wins. `logits` are those after the prompts, `[windows, vocabulary]`, and are
 * overwritten; `decoder` holds one row a window. Results are in the order of the windows. Source: openai/whisper
 * `BeamSearchDecoder` and `MaximumLikelihoodRanker`.
 */
export async function decodeWithBeams(
  decoder: RowDecoder,
  logits: Float32Array,
  rules: DecodingRules,
  options: BeamOptions,
): Promise<DecodedTokens[]> {
  const size = decoder.vocabularySize;
  const opening = { tokens: [], logProbabilities: [], sum: 0, gain: 0, place: rules.bias?.start };
  let active = Array.from({ length: logits.length / size }, (_, window): Search => {
    return { window, going: [opening], ended: [], lost: [] };
  });
  const results: DecodedTokens[] = [];
  for (let current = logits; ;) {
    const kept: number[] = [];
    let row = 0;
    for (const search of active) {
      const rows = search.going.length;
      const next = advance(search, row, current.subarray(row * size, (row + rows) * size), rules, options);
      row += rows;
      search.going = next.map(({ hypothesis }) => hypothesis);
      if (isDone(search, decoder.maxTokens, options)) results[search.window] = choose(search);
      else kept.push(...next.map((candidate) => candidate.row));
    }
    active = active.filter((search) => results[search.window] === undefined);
    if (active.length === 0) return results;
    if (kept.length !== row || kept.some((from, to) => from !== to)) decoder.keepRows(kept);
    current = await decoder.step(active.flatMap((search) => search.going.map((hypothesis) => hypothesis.tokens.at(-1)!)));
  }
}

/** The hypotheses of one window that live on, best first; those that end are put aside. `logits`: `[going, vocabulary]`. */
function advance(search: Search, firstRow: number, logits: Float32Array, rules: DecodingRules, options: BeamOptions): Candidate[] {
  const size = logits.length / search.going.length;
  const candidates = search.going.flatMap((hypothesis, index) =>
    extend(hypothesis, firstRow + index, logits.subarray(index * size, (index + 1) * size), rules, options),
  );
  const next: Candidate[] = [];
  for (const candidate of candidates.toSorted((a, b) => scoreOf(b.hypothesis) - scoreOf(a.hypothesis))) {
    if (candidate.ends) {
      if (search.ended.length < endingsWanted(options)) search.ended.push(candidate.hypothesis);
    } else if (endsInLoop(candidate.hypothesis.tokens)) search.lost.push(candidate.hypothesis);
    else if (next.push(candidate) === options.width) break;
  }
  return next;
}

/** The likeliest continuations of one hypothesis: one more than live on, as one of them may be the end. */
function extend(hypothesis: Hypothesis, row: number, logits: Float32Array, rules: DecodingRules, options: BeamOptions): Candidate[] {
  const { bias } = rules;
  const allowed = forbid(logits, hypothesis.tokens, rules);
  const wanted = hypothesis.place === undefined ? [] : hypothesis.place.children.keys();
  return likeliestTokens(logits, allowed, options.width + 1, wanted).map(({ token, logProbability }) => {
    const ends = token === rules.special.endOfText;
    const moved = bias === undefined || hypothesis.place === undefined ? undefined : bias.advance(hypothesis.place, token);
    return {
      row,
      ends,
      hypothesis: {
        tokens: ends ? hypothesis.tokens : [...hypothesis.tokens, token],
        logProbabilities: ends ? hypothesis.logProbabilities : [...hypothesis.logProbabilities, logProbability],
        sum: hypothesis.sum + logProbability,
        gain: hypothesis.gain + (moved?.gain ?? 0),
        place: moved?.place,
      },
    };
  });
}

function endingsWanted({ width, patience }: BeamOptions): number {
  return Math.round(width * patience);
}

function isDone({ going, ended }: Search, maxTokens: number, options: BeamOptions): boolean {
  return ended.length >= endingsWanted(options) || going.length === 0 || going[0]!.tokens.length >= maxTokens;
}

function choose({ going, ended, lost }: Search): DecodedTokens {
  const isRunaway = ended.length === 0;
  const pool = isRunaway ? [...going, ...lost] : ended;
  const mean = (hypothesis: Hypothesis): number => scoreOf(hypothesis) / Math.max(1, hypothesis.tokens.length);
  const best = pool.reduce((a, b) => (mean(b) > mean(a) ? b : a));
  return {
    tokens: [...best.tokens],
    logProbabilities: Float32Array.from(best.logProbabilities),
    averageLogProbability: best.sum / (best.tokens.length + 1),
    isRunaway,
  };
}

function scoreOf({ sum, gain }: Hypothesis): number {
  return sum + gain;
}
