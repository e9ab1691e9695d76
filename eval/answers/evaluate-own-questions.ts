import { writeFile } from 'node:fs/promises';
import type { ApiClient } from '../../cli/api-client.ts';
import { formatTable } from '../../cli/output.ts';
import { LecternError } from '../../contracts/errors.ts';
import type { LectureWords } from './citation-words.ts';
import {
  compareOutcomes,
  readSavedEvaluation,
  savedRate,
  toOutcome,
  type Comparison,
  type Outcome,
  type SavedEvaluation,
} from './outcomes.ts';
import { readQuestions, type Question } from './question-set.ts';
import { readLectureWords } from './read-lecture-words.ts';
import { MEASURES } from './report/answers-markdown.ts';
import { scoreAnswer, type AnswerScore } from './score-answer.ts';
import { summarizeAnswers, type AnswerRates } from './summarize-answers.ts';

export interface OwnEvaluation {
  questions: number;
  rates: AnswerRates;
  outcomes: Outcome[];
  /** Rates of the evaluation that it is compared with, and what changed since. */
  before?: SavedEvaluation['rates'];
  comparison?: Comparison;
}

export interface OwnEvaluationOptions {
  /** Where to keep the figures. */
  save?: string | undefined;
  /** Figures that were kept. */
  before?: string | undefined;
  onProgress: (done: number, total: number) => void;
}

/**
 * Asks a tenant's own questions of the running service, and scores what it answers. Errors: those of the API; `not-found` and
 * `invalid-input` of the files.
 */
export async function evaluateOwnQuestions(api: ApiClient, path: string, options: OwnEvaluationOptions): Promise<OwnEvaluation> {
  const questions = await readQuestions(path);
  if (questions.length === 0) throw new LecternError('invalid-input', `${path} holds no question`);
  const before = options.before === undefined ? undefined : await readSavedEvaluation(options.before);
  const scores = await ask(api, questions, options.onProgress);
  const rates = summarizeAnswers(scores);
  const outcomes = scores.map((score, index) => toOutcome(questions[index]!.question, score));
  if (options.save !== undefined) await writeFile(options.save, `${JSON.stringify({ rates, outcomes }, null, 2)}\n`);
  const compared = before === undefined ? {} : { before: before.rates, comparison: compareOutcomes(outcomes, before.outcomes) };
  return { questions: questions.length, rates, outcomes, ...compared };
}

/** An evaluation for people: a line for each measure, then what changed. */
export function describeOwnEvaluation({ rates, before, comparison }: OwnEvaluation): string[] {
  const percent = (value: number | null): string => (value === null ? '-' : `${(value * 100).toFixed(1)} %`);
  const rows = MEASURES.map(([name, label]) => {
    const { value, of, interval } = rates[name];
    const bounds = interval === null ? '' : `${percent(interval[0])} to ${percent(interval[1])}`;
    return [label, percent(value), String(of), bounds, ...(before === undefined ? [] : [percent(savedRate(before[name]))])];
  });
  rows.push(['time of an answer, median', `${rates.medianMilliseconds?.toFixed(0) ?? '-'} ms`]);
  const titles = ['MEASURE', 'VALUE', 'OF', '95 % INTERVAL', ...(before === undefined ? [] : ['BEFORE'])];
  return [formatTable(titles, rows), ...(comparison === undefined ? [] : describeComparison(comparison))];
}

function describeComparison({ questions, better, worse, p }: Comparison): string[] {
  return [
    ...better.map((question) => `better  ${question}`),
    ...worse.map((question) => `worse   ${question}`),
    `${questions} questions were asked both times; so large a difference in those treated rightly is chance with p = ${p.toFixed(3)}`,
  ];
}

/** One after another, so that latencies are those of a single reader. Lectures are read as answers cite them and questions name them. */
async function ask(api: ApiClient, questions: readonly Question[], onProgress: OwnEvaluationOptions['onProgress']): Promise<AnswerScore[]> {
  const ids = await listLectureIds(api);
  const lectures = new Map<string, LectureWords>();
  const learn = async (name: string): Promise<void> => {
    const lectureId = ids.get(name);
    if (lectureId !== undefined && !lectures.has(name)) lectures.set(name, await readLectureWords(api, lectureId));
  };
  const scores: AnswerScore[] = [];
  for (const question of questions) {
    const response = await api.query({ question: question.question });
    for (const context of question.ground_truth_contexts) if (typeof context !== 'string') await learn(context.recording);
    for (const { lectureId } of response.answer?.citations ?? []) await learn(lectureId);
    scores.push(scoreAnswer(question, response, lectures));
    onProgress(scores.length, questions.length);
  }
  return scores;
}

/** Lecture ids by id and by title. */
async function listLectureIds(api: ApiClient): Promise<Map<string, string>> {
  const ids = new Map<string, string>();
  let cursor: string | null = null;
  do {
    const page: Awaited<ReturnType<ApiClient['listLectures']>> = await api.listLectures({
      limit: 200,
      ...(cursor === null ? {} : { cursor }),
    });
    for (const { lectureId, title } of page.lectures) {
      ids.set(lectureId, lectureId);
      if (title !== undefined) ids.set(title, lectureId);
    }
    cursor = page.nextCursor;
  } while (cursor !== null);
  return ids;
}
