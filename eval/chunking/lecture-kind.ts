import type { Turn } from '../../contracts/transcript.ts';
import { measureSpeaking } from '../../transcript/speaking-facts.ts';

/** `questions`: somebody lectures or answers, others ask; `seminar`: several talk; `reading`: one voice, written sentences. */
export type LectureKind = 'monologue' | 'reading' | 'questions' | 'seminar';

/** Whoever says this much of it all is alone with it, interjections aside. */
const ALONE_SHARE = 0.9;
/** Turns of a seminar are remarks: half of them are shorter than this. */
const REMARK_WORDS = 20;
/** Written sentences are longer than spoken ones, and nobody is asked anything. */
const WRITTEN_SENTENCE_WORDS = 16;
const ENDS_SENTENCE = /[.!?…]["'”’)\]]*$/u;

/** What kind of lecture it is, by the share of who speaks most, the length of turns and sentences, and the rate of questions. */
export function findLectureKind(turns: readonly Turn[]): LectureKind {
  const [most] = measureSpeaking(turns);
  const spoken = turns.filter((turn) => turn.words.length > 0);
  if (most === undefined || most.share >= ALONE_SHARE) return isWritten(spoken) ? 'reading' : 'monologue';
  const lengths = spoken.map((turn) => turn.words.length).sort((a, b) => a - b);
  return lengths[Math.floor(lengths.length / 2)]! < REMARK_WORDS ? 'seminar' : 'questions';
}

function isWritten(turns: readonly Turn[]): boolean {
  const words = turns.flatMap((turn) => turn.words);
  if (words.some(({ text }) => text.includes('?'))) return false;
  const sentences = words.filter(({ text }) => ENDS_SENTENCE.test(text)).length;
  return sentences > 0 && words.length / sentences >= WRITTEN_SENTENCE_WORDS;
}
