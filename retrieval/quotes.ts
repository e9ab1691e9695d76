import { joinWords } from '../contracts/join-words.ts';
import type { Citation } from '../contracts/query.ts';
import { splitSentences, type WordRange } from '../contracts/sentences.ts';
import type { TranscribedWord } from '../contracts/transcript.ts';
import type { FoundPassage } from './read-passages.ts';

/** A sentence of a passage, as it can be quoted: its words exactly, with their times. */
export interface Quote {
  passage: FoundPassage;
  /** Position of the passage among those found, from 0. */
  rank: number;
  text: string;
  startSeconds: number;
  endSeconds: number;
}

/** "Right." answers nothing by itself: shorter sentences are quoted with the one after, or before, them. */
const MIN_WORDS = 4;

/** Speech without full stops runs on; a quote of more words than this is no quote. */
const MAX_WORDS = 45;

/**
 * All sentences of the passages, in their order. Chunks of a turn overlap, so the same words come twice, once perhaps cut
 * short: of quotes that overlap in time the longest is kept.
 */
export function toQuotes(passages: readonly FoundPassage[]): Quote[] {
  const quotes = passages.flatMap((passage, rank) =>
    joinShort(splitSentences(passage.chunk.words))
      .flatMap((range) => cutAtPauses(passage.chunk.words, range))
      .map((range) => toQuote(passage, rank, range)),
  );
  const kept: Quote[] = [];
  for (const quote of [...quotes].sort((a, b) => b.text.length - a.text.length)) {
    if (!kept.some((other) => isSameSpeech(other, quote))) kept.push(quote);
  }
  return quotes.filter((quote) => kept.includes(quote));
}

export function toCitation({ passage, text, startSeconds, endSeconds }: Quote): Citation {
  const { chunkId, lectureId, speaker, speakerName, role } = passage.chunk;
  return {
    chunkId,
    lectureId,
    speaker,
    ...(speakerName === undefined ? {} : { speakerName }),
    ...(role === undefined ? {} : { role }),
    startSeconds,
    endSeconds,
    quote: text,
  };
}

function toQuote(passage: FoundPassage, rank: number, { from, to }: WordRange): Quote {
  const words = passage.chunk.words.slice(from, to);
  return {
    passage,
    rank,
    text: joinWords(words.map((word) => word.text)),
    startSeconds: words[0]!.startSeconds,
    endSeconds: Math.max(...words.map((word) => word.endSeconds)),
  };
}

function joinShort(sentences: readonly WordRange[]): WordRange[] {
  const joined: WordRange[] = [];
  for (const { from, to } of sentences) {
    const before = joined.at(-1);
    if (before !== undefined && before.to - before.from < MIN_WORDS) before.to = to;
    else joined.push({ from, to });
  }
  const last = joined.at(-1);
  if (joined.length > 1 && last !== undefined && last.to - last.from < MIN_WORDS) {
    joined.pop();
    joined.at(-1)!.to = last.to;
  }
  return joined;
}

/** Halves at the longest pause (a comma counts as one) until each part is short enough. */
function cutAtPauses(words: readonly TranscribedWord[], { from, to }: WordRange): WordRange[] {
  if (to - from <= MAX_WORDS) return [{ from, to }];
  const margin = Math.floor((to - from) / 4);
  let cut = from + Math.floor((to - from) / 2);
  let longest = 0;
  for (let at = from + margin; at < to - margin; at++) {
    const before = words[at - 1]!;
    const pause = words[at]!.startSeconds - before.endSeconds + (/[,;:]$/.test(before.text) ? 0.3 : 0);
    if (pause > longest) {
      longest = pause;
      cut = at;
    }
  }
  return [...cutAtPauses(words, { from, to: cut }), ...cutAtPauses(words, { from: cut, to })];
}

/** Whether two quotes share words of one recording. */
export function isSameSpeech(a: Quote, b: Quote): boolean {
  return (
    a.passage.chunk.lectureId === b.passage.chunk.lectureId && a.startSeconds < b.endSeconds - 0.01 && b.startSeconds < a.endSeconds - 0.01
  );
}
