import { splitSentences } from '../contracts/sentences.ts';
import type { Span } from '../contracts/transcript.ts';
import { isOrdinaryWord } from './ordinary-words.ts';

/** A stretch of a lecture that keeps to its vocabulary. */
export interface Topic extends Span {
  /** Lower-case words that are said here far more than elsewhere in the lecture, the most telling first; none where nothing is. */
  terms: string[];
}

type TimedWord = Span & { text: string };

/** Hearst's w: words of a pseudo-sentence, so that a gap's two sides are of one size whatever the punctuation. */
const PSEUDO_SENTENCE_WORDS = 20;
/** Hearst's k: pseudo-sentences on each side of a gap that are compared. */
const BLOCK = 20;
/** Gaps on each side over which a score is averaged. */
const SMOOTHING = 2;
/** Words in more than this share of the pseudo-sentences are the lecture's grammar, in whatever language, not its topics. */
const UBIQUITOUS_SHARE = 0.5;
const MIN_LETTERS = 3;
/** A word is moved to the sentence end this near, so that a topic begins with a sentence. */
const SNAP_WORDS = 30;
const TOPIC_TERMS = 4;
const MIN_TERM_COUNT = 2;

/**
 * Topics of a lecture by lexical cohesion: TextTiling (Hearst, Computational Linguistics 23, 1997) over pseudo-sentences of 20
 * words, blocks of ten, smoothed, boundaries where the depth exceeds the mean less half a standard deviation. They cover all words, in
 * order. No list of stop words: what is said everywhere is left out, so any language will do.
 */
export function findTopics(words: readonly TimedWord[]): Topic[] {
  if (words.length === 0) return [];
  const terms = words.map(toTerm);
  const telling = new Set([...tellingTerms(terms)].filter((term) => !isOrdinaryWord(term)));
  const sentenceEnds = splitSentences(words).map(({ to }) => to);
  const cuts = findBoundaries(terms.map((term) => (telling.has(term) ? term : '')))
    .map((gap) => nearestWithin(sentenceEnds, gap * PSEUDO_SENTENCE_WORDS, SNAP_WORDS))
    .filter((cut, index, all) => cut > 0 && cut < words.length && cut !== all[index - 1]);
  const edges = [0, ...cuts, words.length];
  return edges.slice(1).map((to, index): Topic => {
    const from = edges[index]!;
    return {
      startSeconds: words[from]!.startSeconds,
      endSeconds: words[to - 1]!.endSeconds,
      terms: cuts.length === 0 ? [] : nameOf(terms, from, to, telling),
    };
  });
}

function toTerm({ text }: TimedWord): string {
  return text.toLowerCase().replaceAll(/^[^\p{L}\p{N}]+|[^\p{L}\p{N}]+$|['’]s$/gu, '');
}

function tellingTerms(terms: readonly string[]): Set<string> {
  const sentences = chunksOf(terms, PSEUDO_SENTENCE_WORDS);
  const heldBy = countAll(sentences.flatMap((sentence) => [...new Set(sentence)]));
  const limit = Math.max(2, sentences.length * UBIQUITOUS_SHARE);
  return new Set(
    [...heldBy].filter(([term, count]) => term.length >= MIN_LETTERS && /\p{L}/u.test(term) && count <= limit).map(([term]) => term),
  );
}

/** Positions between pseudo-sentences, from 1, at which a new topic begins. */
function findBoundaries(terms: readonly string[]): number[] {
  const sentences = chunksOf(terms, PSEUDO_SENTENCE_WORDS).map((sentence) => countAll(sentence.filter((term) => term !== '')));
  const similarities = sentences.slice(1).map((_, index) => {
    const gap = index + 1;
    const size = Math.min(BLOCK, gap, sentences.length - gap);
    return cosine(merge(sentences.slice(gap - size, gap)), merge(sentences.slice(gap, gap + size)));
  });
  const depths = toDepths(smooth(similarities));
  const mean = average(depths);
  const deviation = Math.sqrt(average(depths.map((depth) => (depth - mean) ** 2)));
  const candidates = [...depths.keys()].filter((index) => depths[index]! > mean + deviation);
  // The deepest first; whatever lies within a block of one that is taken is the same boundary.
  const taken: number[] = [];
  for (const index of candidates.sort((a, b) => depths[b]! - depths[a]! || a - b)) {
    const gap = index + 1;
    const isNew = taken.every((other) => Math.abs(other - gap) >= BLOCK) && gap >= BLOCK && sentences.length - gap >= BLOCK;
    if (isNew) taken.push(gap);
  }
  return taken.sort((a, b) => a - b);
}

/** How far the similarity rises on both sides before it falls again. */
function toDepths(scores: readonly number[]): number[] {
  return scores.map((score, index) => {
    let left = index;
    while (left > 0 && scores[left - 1]! >= scores[left]!) left--;
    let right = index;
    while (right < scores.length - 1 && scores[right + 1]! >= scores[right]!) right++;
    return scores[left]! - score + scores[right]! - score;
  });
}

function smooth(scores: readonly number[]): number[] {
  return scores.map((_, index) => average(scores.slice(Math.max(0, index - SMOOTHING), index + SMOOTHING + 1)));
}

/** By how much each term tells this stretch from the rest: its part of the Kullback-Leibler divergence. */
function nameOf(terms: readonly string[], from: number, to: number, telling: ReadonlySet<string>): string[] {
  const isTelling = (term: string): boolean => telling.has(term);
  const here = countAll(terms.slice(from, to).filter(isTelling));
  const elsewhere = countAll([...terms.slice(0, from), ...terms.slice(to)].filter(isTelling));
  const rest = terms.length - (to - from);
  return [...here]
    .filter(([, count]) => count >= MIN_TERM_COUNT)
    .map(([term, count]) => ({ term, gain: count * Math.log(count / (to - from) / (((elsewhere.get(term) ?? 0) + 0.5) / (rest + 1))) }))
    .filter(({ gain }) => gain > 0)
    .sort((a, b) => b.gain - a.gain || (a.term < b.term ? -1 : 1))
    .slice(0, TOPIC_TERMS)
    .map(({ term }) => term);
}

function chunksOf<T>(items: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, index) => items.slice(index * size, (index + 1) * size));
}

function countAll(terms: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const term of terms) counts.set(term, (counts.get(term) ?? 0) + 1);
  return counts;
}

function merge(counts: readonly ReadonlyMap<string, number>[]): Map<string, number> {
  const sum = new Map<string, number>();
  for (const each of counts) for (const [term, count] of each) sum.set(term, (sum.get(term) ?? 0) + count);
  return sum;
}

function cosine(a: ReadonlyMap<string, number>, b: ReadonlyMap<string, number>): number {
  const dot = [...a].reduce((sum, [term, count]) => sum + count * (b.get(term) ?? 0), 0);
  const length = (counts: ReadonlyMap<string, number>): number => Math.hypot(...counts.values());
  return dot === 0 ? 0 : dot / (length(a) * length(b));
}

function average(values: readonly number[]): number {
  return values.length === 0 ? 0 : values.reduce((sum, value) => sum + value, 0) / values.length;
}

function nearestWithin(positions: readonly number[], wanted: number, reach: number): number {
  let best = wanted;
  let distance = reach + 1;
  for (const position of positions) {
    if (Math.abs(position - wanted) < distance) [best, distance] = [position, Math.abs(position - wanted)];
  }
  return best;
}
