import type { ApiClient } from '../../cli/api-client.ts';
import type { Config } from '../../contracts/config.ts';
import type { Answer, Citation } from '../../contracts/query.ts';
import type { LectureWords } from './citation-words.ts';
import { openAnswersStack } from './answers-stack.ts';
import { measureSimilarity } from './answer-similarity.ts';
import { readCommittedQuestions, readQuestionedRecordings, type Question } from './question-set.ts';
import { scoreAnswer, withoutMarks, type AnswerScore } from './score-answer.ts';
import { summarizeAnswers, type AnswerRates } from './summarize-answers.ts';

export interface AskedQuestion extends Pick<Question, 'question' | 'split' | 'kind'> {
  answerable: boolean;
  /** What was answered, without the lectures' words: kind, and where each citation lies. */
  answer: Answer['kind'];
  /** Recording, seconds. */
  cited: string[];
  found: boolean;
  hit: boolean | null;
  speakerRight: boolean | null;
  milliseconds: number;
}

export interface AnswersEvaluation {
  /** How `supportPrecision`, `supportRecall` are judged. */
  entailment: 'lexical';
  /** Language models that answered; none where all is extractive. */
  models: string[];
  recordings: number;
  all: AnswerRates;
  /** What thresholds were tuned on, and what they were not. */
  dev: AnswerRates;
  test: AnswerRates;
  byKind: Record<string, AnswerRates>;
  /** Mean cosine of answer and ground truth by the embedder, over answered questions that have one. */
  similarity: number | null;
  questions: AskedQuestion[];
}

export interface AskedSet {
  asked: { question: Question; answer: Answer | undefined; score: AnswerScore }[];
}

/** Asks every committed question of a stack that has ingested the recordings in `folder`, and scores what it answers. */
export async function evaluateAnswers(
  folder: string,
  { config, note }: { config: Config; note: (line: string) => void },
): Promise<AnswersEvaluation> {
  const [recordings, questions] = await Promise.all([readQuestionedRecordings(folder), readCommittedQuestions()]);
  const stack = await openAnswersStack(config, recordings, note);
  try {
    const { asked } = await askQuestions(stack.api, questions, stack.lectures, note);
    const pairs = asked.flatMap(({ question, answer }) =>
      question.ground_truth === null || answer === undefined || answer.kind === 'none'
        ? []
        : [[question.ground_truth, withoutMarks(answer.text)] as const],
    );
    return {
      recordings: recordings.length,
      similarity: await measureSimilarity(pairs, config, note),
      ...toEvaluation(asked, stack.lectures),
    };
  } finally {
    await stack.stop();
  }
}

/** One question after another, as a single reader would: latencies are those of an idle service. */
export async function askQuestions(
  api: Pick<ApiClient, 'query'>,
  questions: readonly Question[],
  lectures: ReadonlyMap<string, LectureWords>,
  note: (line: string) => void,
): Promise<AskedSet> {
  const asked: AskedSet['asked'] = [];
  for (const question of questions) {
    const response = await api.query({ question: question.question });
    asked.push({ question, answer: response.answer, score: scoreAnswer(question, response, lectures) });
    if (asked.length % 25 === 0) note(`${asked.length}/${questions.length} questions asked`);
  }
  return { asked };
}

function toEvaluation(
  asked: AskedSet['asked'],
  lectures: ReadonlyMap<string, LectureWords>,
): Omit<AnswersEvaluation, 'recordings' | 'similarity'> {
  const scores = asked.map(({ score }) => score);
  const of = (holds: (score: AnswerScore) => boolean): AnswerRates => summarizeAnswers(scores.filter(holds));
  const kinds = [...new Set(scores.map(({ kind }) => kind))];
  return {
    entailment: 'lexical',
    models: [...new Set(asked.flatMap(({ answer }) => answer?.model ?? []))],
    all: summarizeAnswers(scores),
    dev: of(({ split }) => split === 'dev'),
    test: of(({ split }) => split === 'test'),
    byKind: Object.fromEntries(kinds.map((kind) => [kind, of((score) => score.kind === kind)])),
    questions: asked.map(({ question, answer, score }) => ({
      question: question.question,
      split: question.split,
      kind: question.kind,
      answerable: score.answerable,
      answer: answer?.kind ?? 'none',
      cited: (answer?.citations ?? []).map((citation) => describePlace(citation, lectures)),
      found: score.found,
      hit: score.hit,
      speakerRight: score.speakerRight,
      milliseconds: score.milliseconds,
    })),
  };
}

function describePlace({ lectureId, startSeconds, endSeconds }: Citation, lectures: ReadonlyMap<string, LectureWords>): string {
  const [name = lectureId] = [...lectures].find(([, lecture]) => lecture.lectureId === lectureId) ?? [];
  return `${name} ${startSeconds.toFixed(2)}-${endSeconds.toFixed(2)}`;
}
