import type { Citation, QueryResponse } from '../../contracts/query.ts';
import { countBleu, type BleuCounts } from '../metrics/bleu.ts';
import { toWords } from '../../retrieval/terms.ts';
import { countSupport, type SupportCounts } from './answer-claims.ts';
import { holdsQuote, type LectureWords } from './citation-words.ts';
import type { Question, QuestionContext } from './question-set.ts';

/** What one question came to. Where an answer was refused, or not asked for, what is counted of answers is empty. */
export interface AnswerScore {
  kind: string;
  split: Question['split'];
  answerable: boolean;
  answered: boolean;
  citations: number;
  /** Citations whose span of the transcript has exactly the words quoted, of the speaker named. */
  exact: number;
  /** Citations that lie where the answer is said; of a question that nothing answers, none. */
  onTarget: number;
  /** Places that answer; and whether at least one is cited. */
  places: number;
  found: boolean;
  support: SupportCounts;
  /** The answer holds the words expected; `null` where none are. */
  hit: boolean | null;
  /** The speaker of a citation that is on target is the one expected; `null` where none is expected or none is on target. */
  speakerRight: boolean | null;
  bleu: BleuCounts | null;
  milliseconds: number;
}

/** Two spans are about the same words when the shorter lies in the other by at least this share. */
const MIN_SHARED = 0.5;

export function scoreAnswer(
  question: Question,
  { answer, timingsMs }: QueryResponse,
  lectures: ReadonlyMap<string, LectureWords>,
): AnswerScore {
  const answerable = question.ground_truth !== null;
  const answered = answer !== undefined && answer.kind !== 'none';
  const citations = answered ? answer.citations : [];
  const lectureOf = ({ lectureId }: Citation): LectureWords | undefined =>
    [...lectures.values()].find((lecture) => lecture.lectureId === lectureId);
  const onTarget = citations.filter((citation) => question.ground_truth_contexts.some((context) => isAt(citation, context, lectures)));
  const text = answered ? withoutMarks(answer.text) : '';
  return {
    kind: question.kind,
    split: question.split,
    answerable,
    answered,
    citations: citations.length,
    exact: citations.filter((citation) => {
      const lecture = lectureOf(citation);
      return lecture !== undefined && holdsQuote(lecture, citation);
    }).length,
    onTarget: onTarget.length,
    places: question.ground_truth_contexts.length,
    found: onTarget.length > 0,
    support: answered ? countSupport(answer) : { claims: 0, supported: 0, citations: 0, needed: 0 },
    hit: question.answer_words.length === 0 ? null : holdsAnswerWords(text, question.answer_words),
    speakerRight:
      question.speaker === undefined || onTarget.length === 0
        ? null
        : onTarget.some((citation) => isSpeaker(question.speaker ?? '', citation, lectureOf(citation))),
    bleu: answered && question.ground_truth !== null ? countBleu(question.ground_truth, text) : null,
    milliseconds: timingsMs['total'] ?? 0,
  };
}

/** Answer text as prose: the marks of its citations are no words of it. */
export function withoutMarks(text: string): string {
  return text.replaceAll(/\s*\[\d+\]/g, '').trim();
}

function isAt(
  { lectureId, startSeconds, endSeconds, quote }: Citation,
  context: QuestionContext,
  lectures: ReadonlyMap<string, LectureWords>,
): boolean {
  if (typeof context === 'string') return shareWords(quote, context);
  const lecture = lectures.get(context.recording);
  if (lecture === undefined || lecture.lectureId !== lectureId) return false;
  const shared = Math.min(endSeconds, context.endSeconds) - Math.max(startSeconds, context.startSeconds);
  return shared > 0 && shared >= MIN_SHARED * Math.min(endSeconds - startSeconds, context.endSeconds - context.startSeconds);
}

/** Whether most words of the shorter text are in the longer. */
function shareWords(quote: string, context: string): boolean {
  const [shorter = [], longer = []] = [toWords(quote), toWords(context)].sort((a, b) => a.length - b.length);
  return shorter.length > 0 && shorter.filter((word) => longer.includes(word)).length > MIN_SHARED * shorter.length;
}

function holdsAnswerWords(text: string, wanted: readonly (readonly string[])[]): boolean {
  const said = ` ${toWords(text).join(' ')}`;
  return wanted.every((alternatives) => alternatives.some((words) => said.includes(` ${toWords(words).join(' ')}`)));
}

function isSpeaker(expected: string, { speaker }: Citation, lecture: LectureWords | undefined): boolean {
  return speaker !== null && (speaker === expected || lecture?.speakerNames[speaker] === expected);
}
