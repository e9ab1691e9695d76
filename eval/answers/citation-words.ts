import { joinWords } from '../../contracts/join-words.ts';
import type { Citation } from '../../contracts/query.ts';
import type { Word } from '../../contracts/transcript.ts';

/** A lecture as it was heard. */
export interface LectureWords {
  lectureId: string;
  /** In their order. */
  words: readonly Word[];
  /** Label (`S1`) to the name that a question may use for the speaker. */
  speakerNames: Readonly<Record<string, string>>;
}

/** Times are stored as JSON numbers: what differs by less is the same. */
const EPSILON_SECONDS = 0.001;

/** Whether the words that the transcript has between the seconds of a citation are exactly those that it quotes, by the speaker that it names. */
export function holdsQuote({ words }: LectureWords, { quote, startSeconds, endSeconds, speaker }: Citation): boolean {
  return words.some((word, from) => {
    if (!isNear(word.startSeconds, startSeconds)) return false;
    const spoken: Word[] = [];
    for (const next of words.slice(from)) {
      spoken.push(next);
      const text = joinWords(spoken.map((each) => each.text));
      if (text.length < quote.length) continue;
      const end = Math.max(...spoken.map((each) => each.endSeconds));
      return text === quote && isNear(end, endSeconds) && spoken.every((each) => each.speaker === speaker);
    }
    return false;
  });
}

function isNear(a: number, b: number): boolean {
  return Math.abs(a - b) < EPSILON_SECONDS;
}
