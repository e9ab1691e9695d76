import type { SpeakerRole, Turn } from '../contracts/transcript.ts';
import { measureSpeaking, type SpeakingFacts } from './speaking-facts.ts';

/** Half of the talk and twice the next one's: with less it is a seminar or a panel, and nobody is called the lecturer. */
const LECTURER_SHARE = 0.5;
const LECTURER_LEAD = 2;
/** Whoever says more than this of all that is said does more than ask. */
const QUESTIONER_SHARE = 0.3;
const QUESTION_TURN_SHARE = 1 / 3;
/** A question may be long-winded, but it is no talk of its own. */
const QUESTIONER_MEDIAN_TURN_SECONDS = 45;

/**
 * Who lectures and who asks, by share of speech, lengths of turns and question marks. `speaker` where that does not tell: better no
 * role than a wrong one. A recording of one person has a lecturer.
 */
export function assignRoles(turns: readonly Turn[]): Record<string, SpeakerRole> {
  const speaking = measureSpeaking(turns);
  const lecturer = findLecturer(speaking);
  return Object.fromEntries(
    speaking.map((facts): [string, SpeakerRole] => {
      if (facts === lecturer) return [facts.speaker, 'lecturer'];
      return [facts.speaker, lecturer !== undefined && asks(facts) ? 'questioner' : 'speaker'];
    }),
  );
}

function findLecturer([first, second]: readonly SpeakingFacts[]): SpeakingFacts | undefined {
  if (first === undefined || first.share < LECTURER_SHARE) return undefined;
  return first.share >= LECTURER_LEAD * (second?.share ?? 0) ? first : undefined;
}

function asks({ share, turns, questionTurns, medianTurnSeconds }: SpeakingFacts): boolean {
  return share <= QUESTIONER_SHARE && medianTurnSeconds <= QUESTIONER_MEDIAN_TURN_SECONDS && questionTurns >= QUESTION_TURN_SHARE * turns;
}
