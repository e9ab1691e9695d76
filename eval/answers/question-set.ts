import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { LecternError } from '../../contracts/errors.ts';
import { SecondsSchema } from '../../contracts/transcript.ts';

/** Where the answer is said: a recording of the set, or the id or title of a lecture. */
const ContextSpanSchema = z.object({ recording: z.string(), startSeconds: SecondsSchema, endSeconds: SecondsSchema });

/** A question and what is known about its answer: RAGAS's fields, and what speech adds to them. */
const QuestionSchema = z.object({
  question: z.string().min(1),
  /** The answer in a person's words; `null` where the lectures do not answer. */
  ground_truth: z.string().nullable(),
  /** Every place that answers, as seconds of a recording or as the words said there; none where the lectures do not answer. */
  ground_truth_contexts: z.array(z.union([z.string().min(1), ContextSpanSchema])).default([]),
  /** An answer holds one text of each list. */
  answer_words: z.array(z.array(z.string().min(1)).min(1)).default([]),
  /** Who says it: a name of the recording's reference, a label or a display name. */
  speaker: z.string().optional(),
  /** For tables: `factual`, `why`, `near` (unanswerable, yet close to what is said), ... */
  kind: z.string().default('question'),
  /** Thresholds may be tuned on `dev`, never on `test`. */
  split: z.enum(['dev', 'test']).default('test'),
});
export type Question = z.infer<typeof QuestionSchema>;
export type QuestionContext = Question['ground_truth_contexts'][number];

const RecordingSchema = z.object({
  /** Path in the data set's folder; below `demo/` it is the demo lecture of this repository. */
  recording: z.string(),
  title: z.string(),
  course: z.string(),
  /** Who spoke when, beside the recording. */
  rttm: z.string().optional(),
});

export interface QuestionedRecording extends z.infer<typeof RecordingSchema> {
  path: string;
  rttmPath?: string;
}

const REPOSITORY = join(import.meta.dirname, '../..');
const QUESTIONS = join(REPOSITORY, 'eval/questions');

/** The recordings that the committed questions are about, wherever the data set lies. */
export async function readQuestionedRecordings(folder: string): Promise<QuestionedRecording[]> {
  const place = (file: string): string => join(file.startsWith('demo/') ? REPOSITORY : folder, file);
  const recordings = await readJsonLines(join(QUESTIONS, 'recordings.jsonl'), RecordingSchema);
  return recordings.map((row) => ({
    ...row,
    path: place(row.recording),
    ...(row.rttm === undefined ? {} : { rttmPath: place(row.rttm) }),
  }));
}

/** The committed questions, the answerable ones and the others. */
export async function readCommittedQuestions(): Promise<Question[]> {
  const files = ['answerable.jsonl', 'unanswerable.jsonl'].map((file) => readQuestions(join(QUESTIONS, file)));
  return (await Promise.all(files)).flat();
}

/** Errors: `not-found`, `invalid-input` with the line that is wrong. */
export function readQuestions(path: string): Promise<Question[]> {
  return readJsonLines(path, QuestionSchema);
}

async function readJsonLines<T>(path: string, schema: z.ZodType<T>): Promise<T[]> {
  const text = await readFile(path, 'utf8').catch((cause: unknown) => {
    throw new LecternError('not-found', `${path} cannot be read`, { cause, cure: 'Name a file of JSON lines.' });
  });
  return text
    .split('\n')
    .map((line, index) => ({ line, where: `${path}:${index + 1}` }))
    .filter(({ line }) => line.trim() !== '')
    .map(({ line, where }) => parseLine(line, where, schema));
}

function parseLine<T>(line: string, where: string, schema: z.ZodType<T>): T {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch (cause) {
    throw new LecternError('invalid-input', `${where} is not JSON`, { cause });
  }
  const parsed = schema.safeParse(value);
  if (!parsed.success) throw new LecternError('invalid-input', `${where}: ${z.prettifyError(parsed.error)}`);
  return parsed.data;
}
