import type { Chunk, Turn } from '../../contracts/transcript.ts';
import { chunkTranscript, type ChunkOptions, type TokenCounter } from '../../transcript/chunk.ts';
import { outlineLecture } from '../../transcript/outline.ts';
import { findLectureKind } from './lecture-kind.ts';
import type { ChunkingSystem, SearchedChunk } from './measure-system.ts';
import { positionOf, type Meeting } from './meetings.ts';

/** What the systems are compared with: speaker turns, searched by their own words alone. */
export const BASELINE = 'turns-256';
/** As the stages `chunk` and `contextualize` do it without a language model. */
export const SHIPPED = 'turns-256+header';

/** A passage shorter than this is shown with the words around it, up to as many. */
const WINDOW_WORDS = 100;
/** An interjection of no more words does not end a turn. */
const INTERJECTION_WORDS = 5;
/** A passage shorter than this says little by itself; so many words of what was said before go with it. */
const SHORT_WORDS = 40;
const BEFORE_WORDS = 40;

/** Every way of cutting and situating that is measured. */
export function createChunkingSystems(tokenizer: TokenCounter): (ChunkingSystem & { about: string })[] {
  const turnsOf = (meeting: Meeting, options: Partial<ChunkOptions> = {}): Chunk[] =>
    chunkTranscript(meeting.transcript, tokenizer, options).chunks;
  const bridged = (meeting: Meeting): Chunk[] =>
    chunkTranscript({ ...meeting.transcript, turns: bridgeInterjections(meeting.transcript.turns) }, tokenizer).chunks;
  return [
    { name: BASELINE, about: 'speaker turns, 256 tokens, 50 shared, 30 at least', cut: (meeting) => turnsOf(meeting).map(plain) },
    {
      name: 'turns-128',
      about: 'speaker turns, 128 tokens, 25 shared',
      cut: (meeting) => turnsOf(meeting, { maxTokens: 128, overlapTokens: 25 }).map(plain),
    },
    { name: SHIPPED, about: 'and headers: topic, question before', cut: (meeting) => withHeaders(meeting, turnsOf(meeting)) },
    {
      name: 'turns-256+header+before',
      about: 'and what was said before a short passage',
      cut: (meeting) => withBefore(meeting, withHeaders(meeting, turnsOf(meeting))),
    },
    {
      name: 'turns-256+header+window',
      about: 'and headers, short ones shown with the words around them: neighbours joined',
      cut: (meeting) => withWindows(meeting, withHeaders(meeting, turnsOf(meeting))),
    },
    { name: 'bridged', about: 'turns go on after an interjection of five words', cut: (meeting) => bridged(meeting).map(plain) },
    {
      name: 'adaptive',
      about: 'bridged where it is a seminar, turns where it is a monologue, a reading or questions and answers',
      cut: (meeting) => (findLectureKind(meeting.transcript.turns) === 'seminar' ? bridged(meeting) : turnsOf(meeting)).map(plain),
    },
    {
      name: 'sentences',
      about: 'sentences of turns, shown with the words around them',
      cut: (meeting) => withWindows(meeting, turnsOf(meeting, { maxTokens: 48, overlapTokens: 0, minTokens: 12 }).map(plain)),
    },
    {
      name: 'exchange-256',
      about: 'whoever speaks: passages of several speakers, which a citation could not name',
      cut: (meeting) => chunkTranscript(withoutSpeakers(meeting), tokenizer).chunks.map(plain),
    },
  ];
}

function plain(chunk: Chunk): SearchedChunk {
  return situated(chunk, null);
}

function situated(chunk: Chunk, context: string | null): SearchedChunk {
  return { chunk, context };
}

function withHeaders({ transcript }: Meeting, chunks: Chunk[]): SearchedChunk[] {
  const { headers } = outlineLecture({ title: undefined, transcript, chunks });
  return chunks.map((chunk, index) => situated(chunk, headers[index] ?? null));
}

function withBefore({ transcript }: Meeting, chunks: SearchedChunk[]): SearchedChunk[] {
  const words = transcript.turns.flatMap((turn) => turn.words);
  return chunks.map(({ chunk, context }) => {
    if (chunk.words.length >= SHORT_WORDS) return { chunk, context };
    const first = positionOf(chunk);
    const before = words.slice(Math.max(0, first - BEFORE_WORDS), first).map(({ text }) => text);
    return { chunk, context: [context, before.join(' ')].filter(Boolean).join('\n') || null };
  });
}

function withWindows({ transcript }: Meeting, chunks: SearchedChunk[]): SearchedChunk[] {
  const total = transcript.turns.reduce((sum, turn) => sum + turn.words.length, 0);
  return chunks.map((searched) => {
    const { words } = searched.chunk;
    const margin = Math.max(0, Math.floor((WINDOW_WORDS - words.length) / 2));
    const from = Math.max(0, positionOf(words[0]!) - margin);
    const to = Math.min(total, positionOf(words.at(-1)!) + 1 + margin);
    return { ...searched, shown: Array.from({ length: to - from }, (_, index) => from + index) };
  });
}

/** One turn of nobody in particular. */
function withoutSpeakers({ transcript }: Meeting): Meeting['transcript'] {
  const words = transcript.turns.flatMap((turn) => turn.words);
  return { ...transcript, turns: [{ speaker: null, words, startSeconds: 0, endSeconds: transcript.durationSeconds }] };
}

/** Joins what one speaker says across short interjections of others, which follow as turns of their own. */
function bridgeInterjections(turns: readonly Turn[]): Turn[] {
  const bridged: Turn[] = [];
  for (const turn of turns) {
    let host = bridged.length - 1;
    while (host >= 0 && bridged[host]!.speaker !== turn.speaker && bridged[host]!.words.length <= INTERJECTION_WORDS) host--;
    const before = bridged[host];
    if (before === undefined || before.speaker !== turn.speaker) bridged.push(turn);
    else bridged[host] = { ...before, words: [...before.words, ...turn.words], endSeconds: turn.endSeconds };
  }
  return bridged;
}
