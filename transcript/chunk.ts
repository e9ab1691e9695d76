import { joinWords } from '../contracts/join-words.ts';
import { splitSentences } from '../contracts/sentences.ts';
import type { Chunk, Chunks, Transcript, TranscribedWord, Turn, Word } from '../contracts/transcript.ts';
import { findKept, planAround, type Cut } from './keep-passages.ts';

/** The embedder's tokenizer, as far as chunking needs it. */
export interface TokenCounter {
  readonly name: string;
  /** Tokens of `text` without special tokens. */
  count(text: string): number;
}

export interface ChunkOptions {
  /** Upper bound of a chunk in tokens; only a single word longer than this exceeds it. */
  maxTokens: number;
  /** Tokens that a chunk repeats from the one before it in the same turn, at most. */
  overlapTokens: number;
  /** Turns shorter than this are joined with a neighbouring turn of the same speaker. */
  minTokens: number;
  /** Passages of an earlier revision: where their words are untouched they stay as they are, so that they need no new vectors. */
  keep: readonly Chunk[];
}

const DEFAULTS: ChunkOptions = { maxTokens: 256, overlapTokens: 50, minTokens: 30, keep: [] };

interface Stretch {
  speaker: string | null;
  words: Word[];
  /** Tokens of each word. */
  counts: number[];
  tokens: number;
}

/**
 * Speaker turns as passages. No chunk holds words of two speakers: a citation names one. A turn shorter than `minTokens`
 * is joined with the next turn of the same (or equally unknown) speaker; between other speakers it stays a short chunk,
 * so that a question of twelve words is found, and cited, under the one who asked it. Long turns are cut into even
 * pieces at sentence ends where one is near.
 */
export function chunkTranscript(transcript: Transcript, tokenizer: TokenCounter, options: Partial<ChunkOptions> = {}): Chunks {
  const limits = { ...DEFAULTS, ...options };
  const chunks: Chunk[] = [];
  for (const stretch of joinShortTurns(transcript.turns, tokenizer, limits)) {
    for (const { from, to } of cutAround(stretch, limits)) {
      const role = stretch.speaker === null ? undefined : transcript.roles?.[stretch.speaker];
      const chunk = toChunk(chunks.length, stretch.speaker, stretch.words.slice(from, to), tokenizer);
      chunks.push(role === undefined ? chunk : { ...chunk, role });
    }
  }
  return { tokenizer: tokenizer.name, chunks };
}

function joinShortTurns(turns: readonly Turn[], tokenizer: TokenCounter, limits: ChunkOptions): Stretch[] {
  const stretches: Stretch[] = [];
  for (const turn of turns) {
    const words = turn.words.filter((word) => word.text.trim() !== '');
    if (words.length === 0) continue;
    const counts = words.map((word) => Math.max(1, tokenizer.count(word.text.trim())));
    const tokens = sum(counts, 0, counts.length);
    const before = stretches.at(-1);
    const fits = before !== undefined && before.speaker === turn.speaker && before.tokens + tokens <= limits.maxTokens;
    if (fits && (before.tokens < limits.minTokens || tokens < limits.minTokens)) {
      before.words.push(...words);
      before.counts.push(...counts);
      before.tokens += tokens;
    } else {
      stretches.push({ speaker: turn.speaker, words, counts, tokens });
    }
  }
  return stretches;
}

/** Passages that stay, and what is cut anew between them: without any the whole stretch is. */
function cutAround(stretch: Stretch, limits: ChunkOptions): Cut[] {
  const { words, counts, speaker } = stretch;
  const isTooSmall = ({ from, to }: Cut): boolean => sum(counts, from, to) < limits.minTokens;
  const parts = planAround(words.length, findKept(limits.keep, speaker, words), isTooSmall);
  return parts.flatMap((part) => {
    if ('kept' in part) return [part.kept];
    const { gap, before } = part;
    const sentenceEnds = new Set(splitSentences(words).map((sentence) => sentence.to));
    const from = before === undefined ? gap.from : overlapStart(before.from, before.to, counts, sentenceEnds, limits);
    const own = { speaker, words: words.slice(from, gap.to), counts: counts.slice(from, gap.to), tokens: sum(counts, from, gap.to) };
    return cutStretch(own, limits).map((cut) => ({ from: cut.from + from, to: cut.to + from }));
  });
}

function cutStretch({ words, counts, tokens }: Stretch, limits: ChunkOptions): Cut[] {
  const sentenceEnds = new Set(splitSentences(words).map((sentence) => sentence.to));
  const cuts: Cut[] = [];
  let from = 0;
  let reached = 0;
  let remaining = tokens;
  for (;;) {
    const to = remaining <= limits.maxTokens ? words.length : chooseEnd({ from, reached, remaining }, counts, sentenceEnds, limits);
    cuts.push({ from, to });
    if (to >= words.length) return cuts;
    const next = overlapStart(from, to, counts, sentenceEnds, limits);
    remaining -= sum(counts, from, next);
    from = next;
    reached = to;
  }
}

/**
 * The sentence end nearest to an even share of what remains; without one in reach, the even share itself. Always beyond
 * `reached`, the end of the chunk before.
 */
function chooseEnd(
  { from, reached, remaining }: { from: number; reached: number; remaining: number },
  counts: readonly number[],
  sentenceEnds: ReadonlySet<number>,
  { maxTokens, overlapTokens }: ChunkOptions,
): number {
  const pieces = Math.ceil((remaining - overlapTokens) / Math.max(1, maxTokens - overlapTokens));
  const ideal = Math.min(maxTokens, overlapTokens + (remaining - overlapTokens) / Math.max(1, pieces));
  let plain = reached + 1;
  let sentence = { to: 0, distance: maxTokens / 3 };
  let held = sum(counts, from, reached + 1);
  for (let to = reached + 1; to < counts.length && held <= maxTokens; held += counts[to]!, to++) {
    if (held <= ideal) plain = to;
    const distance = Math.abs(held - ideal);
    if (sentenceEnds.has(to) && distance <= sentence.distance) sentence = { to, distance };
  }
  return sentence.to || plain;
}

/**
 * Where the next chunk begins: up to `overlapTokens` back from `to`, as long as the word after `to` still fits in; at the
 * first sentence that begins there, so that no half sentence is quoted, else wherever that is.
 */
function overlapStart(
  from: number,
  to: number,
  counts: readonly number[],
  sentenceEnds: ReadonlySet<number>,
  { overlapTokens, maxTokens }: ChunkOptions,
): number {
  const room = Math.min(overlapTokens, maxTokens - counts[to]!);
  let start = to;
  for (let held = 0; start - 1 > from && held + counts[start - 1]! <= room; start--) held += counts[start - 1]!;
  for (let sentence = start; sentence < to; sentence++) if (sentenceEnds.has(sentence)) return sentence;
  return start;
}

function toChunk(ordinal: number, speaker: string | null, words: Word[], tokenizer: TokenCounter): Chunk {
  const text = joinWords(words.map((word) => word.text));
  return {
    ordinal,
    speaker,
    startSeconds: words[0]!.startSeconds,
    endSeconds: Math.max(...words.map((word) => word.endSeconds)),
    text,
    tokens: tokenizer.count(text),
    words: words.map(toPlainWord),
  };
}

function toPlainWord({ text, startSeconds, endSeconds, confidence }: Word): TranscribedWord {
  return { text: text.trim(), startSeconds, endSeconds, confidence };
}

function sum(counts: readonly number[], from: number, to: number): number {
  let total = 0;
  for (let index = from; index < to; index++) total += counts[index]!;
  return total;
}
