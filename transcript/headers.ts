import { joinWords } from '../contracts/join-words.ts';
import { splitSentences } from '../contracts/sentences.ts';
import type { Chunk, Transcript, Word } from '../contracts/transcript.ts';
import type { Topic } from './topics.ts';

export interface HeaderSources {
  /** Title of the lecture, where it has one. */
  title?: string;
  transcript: Transcript;
  /** Of `findTopics`, over all words of the transcript. */
  topics: readonly Topic[];
  chunks: readonly Chunk[];
}

/** A question that was put this long before somebody speaks is not what they answer. */
const ANSWERS_WITHIN_SECONDS = 10;
const MAX_QUESTION_WORDS = 40;
/** A passage of so many words says itself what it is about: there the topic's terms cost more than they gain (measured). */
const TOPIC_BELOW_WORDS = 60;
const ENDS_QUESTION = /[?？؟]["'”’»)\]]*$/u;

/**
 * What situates each chunk where no language model does: the lecture's title, the terms of its topic where it is short, and the
 * question that it answers where somebody else has just put one. No names: whoever is renamed or forgotten must not live on in the index. No labels
 * either, so that it is of any language. `null` where there is nothing to say.
 */
export function toHeaders({ title, transcript, topics, chunks }: HeaderSources): (string | null)[] {
  const words = transcript.turns.flatMap((turn) => turn.words);
  const positions = new Map(words.map((word, index) => [word.startSeconds, index]));
  return chunks.map((chunk) => {
    const isShort = chunk.words.length < TOPIC_BELOW_WORDS;
    const topic = isShort ? topics.findLast(({ startSeconds }) => startSeconds <= chunk.startSeconds) : undefined;
    const first = positions.get(chunk.startSeconds);
    const question = first === undefined ? undefined : questionBefore(words, first);
    const parts = [title, topic?.terms.join(', '), question].filter((part) => part !== undefined && part !== '');
    return parts.length === 0 ? null : parts.join('\n');
  });
}

/** The last sentence before `first`, where it is somebody else's question and was put just then. */
function questionBefore(words: readonly Word[], first: number): string | undefined {
  const asked = words[first - 1];
  const answering = words[first];
  if (asked === undefined || answering === undefined || asked.speaker === answering.speaker) return undefined;
  if (!ENDS_QUESTION.test(asked.text.trim()) || answering.startSeconds - asked.endSeconds > ANSWERS_WITHIN_SECONDS) return undefined;
  const before = words.slice(Math.max(0, first - MAX_QUESTION_WORDS), first);
  const own = before.slice(before.findLastIndex(({ speaker }) => speaker !== asked.speaker) + 1);
  const sentence = splitSentences(own).at(-1);
  return sentence && joinWords(own.slice(sentence.from, sentence.to).map(({ text }) => text));
}
