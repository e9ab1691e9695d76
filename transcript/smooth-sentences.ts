import type { Word } from '../contracts/transcript.ts';

/** Longer sentences are hardly one: they are cut here. */
const MAX_SENTENCE_WORDS = 50;
/** Words that were surely someone else's for this long stay someone else's. */
const CONFIDENT_RUN_SECONDS = 1;
/** Sentence ends of the scripts that Whisper writes, with closing quotes and brackets after them. */
const SENTENCE_END = /[.?!…。？！｡؟।]["'”’)\]」』»]*\s*$/u;

/**
 * A sentence is nearly always one person's: words that the turns' edges gave to another go to the speaker of more than half of
 * the sentence. A run of another speaker is left alone when it lies in that speaker's turns and lasts a second.
 */
export function smoothSentences(words: readonly Word[]): Word[] {
  return splitSentences(words).flatMap((sentence) => {
    const majority = findMajority(sentence);
    if (majority === null) return sentence;
    return splitRuns(sentence).flatMap((run) => {
      if (run[0]?.speaker === majority || isConfident(run)) return run;
      return run.map((word): Word => ({ ...word, speaker: majority, speakerSource: 'smoothed' }));
    });
  });
}

function splitSentences(words: readonly Word[]): Word[][] {
  return splitBefore(words, (word, before, length) => length === MAX_SENTENCE_WORDS || SENTENCE_END.test(before.text));
}

function splitRuns(words: readonly Word[]): Word[][] {
  return splitBefore(words, (word, before) => word.speaker !== before.speaker);
}

function splitBefore(words: readonly Word[], isStart: (word: Word, before: Word, length: number) => boolean): Word[][] {
  const parts: Word[][] = [];
  for (const word of words) {
    const part = parts.at(-1);
    const before = part?.at(-1);
    if (part === undefined || before === undefined || isStart(word, before, part.length)) parts.push([word]);
    else part.push(word);
  }
  return parts;
}

function findMajority(sentence: readonly Word[]): string | null {
  const counts = new Map<string | null, number>();
  for (const { speaker } of sentence) counts.set(speaker, (counts.get(speaker) ?? 0) + 1);
  for (const [speaker, count] of counts) if (count * 2 > sentence.length) return speaker;
  return null;
}

function isConfident(run: readonly Word[]): boolean {
  const sure = run.filter((word) => word.speakerSource === 'overlap');
  const [first, last] = [sure[0], sure.at(-1)];
  return first !== undefined && last !== undefined && last.endSeconds - first.startSeconds >= CONFIDENT_RUN_SECONDS;
}
