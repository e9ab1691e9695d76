import type { Turn } from '../contracts/transcript.ts';

/** What a speaker's turns say about how they take part. */
export interface SpeakingFacts {
  speaker: string;
  seconds: number;
  /** Of all seconds whose speaker is known, 0 to 1. */
  share: number;
  words: number;
  turns: number;
  medianTurnSeconds: number;
  /** Turns in which a question is asked. */
  questionTurns: number;
}

/** Of the scripts that Whisper writes. */
const QUESTION_MARK = /[?？؟]/u;

/** How each known speaker takes part in a conversation, who speaks most first; of equals, who spoke first. */
export function measureSpeaking(turns: readonly Turn[]): SpeakingFacts[] {
  const bySpeaker = Map.groupBy(turns, (turn) => turn.speaker);
  bySpeaker.delete(null);
  const total = turns.reduce((sum, turn) => sum + (turn.speaker === null ? 0 : lengthOf(turn)), 0);
  return [...bySpeaker]
    .map(([speaker, own]): SpeakingFacts => {
      const lengths = own.map(lengthOf).sort((a, b) => a - b);
      const seconds = lengths.reduce((sum, length) => sum + length, 0);
      return {
        speaker: speaker ?? '',
        seconds,
        share: total === 0 ? 0 : seconds / total,
        words: own.reduce((sum, turn) => sum + turn.words.length, 0),
        turns: own.length,
        medianTurnSeconds: lengths[Math.floor(lengths.length / 2)] ?? 0,
        questionTurns: own.filter((turn) => turn.words.some((word) => QUESTION_MARK.test(word.text))).length,
      };
    })
    .sort((a, b) => b.seconds - a.seconds);
}

function lengthOf({ startSeconds, endSeconds }: Turn): number {
  return endSeconds - startSeconds;
}
