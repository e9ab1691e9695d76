import { joinWords } from '../contracts/join-words.ts';
import type { Chunk, Transcript } from '../contracts/transcript.ts';
import { toHeaders } from './headers.ts';
import { findTopics } from './topics.ts';

export interface LectureToOutline {
  title: string | undefined;
  transcript: Transcript;
  chunks: readonly Chunk[];
}

/** A lecture as whoever situates its passages needs it. */
export interface OutlinedLecture {
  outline: { title?: string; topics: { startSeconds: number; terms: string[]; opening: string }[] };
  passages: { startSeconds: number; speaker: string | null; text: string; before: string }[];
  /** By ordinal; see `toHeaders`. */
  headers: (string | null)[];
}

/** Words that show how a topic begins, and what was said right before a passage. */
const OPENING_WORDS = 20;
const BEFORE_WORDS = 60;

/** Topics, passages with what was said before them, and headers of a lecture. */
export function outlineLecture({ title, transcript, chunks }: LectureToOutline): OutlinedLecture {
  const words = transcript.turns.flatMap((turn) => turn.words);
  const topics = findTopics(words);
  const named = title === undefined ? {} : { title };
  const indexAt = (seconds: number): number => {
    const index = words.findIndex(({ startSeconds }) => startSeconds >= seconds);
    return index < 0 ? words.length : index;
  };
  const textOf = (from: number, to: number): string => joinWords(words.slice(Math.max(0, from), to).map(({ text }) => text));
  return {
    outline: {
      ...named,
      topics: topics.map(({ startSeconds, terms }) => {
        const first = indexAt(startSeconds);
        return { startSeconds, terms, opening: textOf(first, first + OPENING_WORDS) };
      }),
    },
    passages: chunks.map(({ startSeconds, speaker, role, text }) => {
      const first = indexAt(startSeconds);
      return { startSeconds, speaker: role ?? speaker, text, before: textOf(first - BEFORE_WORDS, first) };
    }),
    headers: toHeaders({ ...named, transcript, topics, chunks }),
  };
}
