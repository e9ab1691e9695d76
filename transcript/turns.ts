import type { Turn, Word } from '../contracts/transcript.ts';

/** Words of one speaker in a row are a turn. The words keep their order, and none is lost. */
export function toTurns(words: readonly Word[]): Turn[] {
  const turns: Turn[] = [];
  for (const word of words) {
    const last = turns.at(-1);
    if (last !== undefined && last.speaker === word.speaker) {
      last.words.push(word);
      last.endSeconds = Math.max(last.endSeconds, word.endSeconds);
    } else {
      turns.push({ speaker: word.speaker, startSeconds: word.startSeconds, endSeconds: word.endSeconds, words: [word] });
    }
  }
  return turns;
}
