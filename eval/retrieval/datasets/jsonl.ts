import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { z } from 'zod';
import { LecternError } from '../../../contracts/errors.ts';
import { toLectureId, toPassage, type Dataset, type DatasetQuestion } from './dataset.ts';

/** A line of a data set as RAGAS and its like write it; `ground_truth` is for answers and not read here. */
const LineSchema = z.object({ question: z.string().min(1), ground_truth_contexts: z.array(z.string().min(1)).min(1) });

/** Passages have no times of their own; these put them in order. */
const PASSAGE_SECONDS = 60;

/**
 * One JSON object a line. Passages are the distinct contexts of all questions, in one lecture; a question's own contexts are its
 * relevant ones. Errors: `not-found`, `invalid-input` with the line that is wrong.
 */
export async function readJsonl(path: string): Promise<Dataset> {
  const file = await readFile(path, 'utf8').catch((cause: unknown) => {
    throw new LecternError('not-found', `${path} cannot be read`, { cause, cure: 'Name a file of the data set.' });
  });
  const rows = file.split('\n').flatMap((line, index) => (line.trim() === '' ? [] : [parseLine(line, `${path}:${index + 1}`)]));
  const title = basename(path, '.jsonl');
  const lectureId = toLectureId(`jsonl/${title}`);
  const texts = [...new Set(rows.flatMap((row) => row.ground_truth_contexts))];
  const passages = texts.map((text, ordinal) =>
    toPassage(lectureId, ordinal, { text, startSeconds: ordinal * PASSAGE_SECONDS, endSeconds: (ordinal + 1) * PASSAGE_SECONDS }),
  );
  const ids = new Map(passages.map(({ text, chunkId }) => [text, chunkId]));
  const questions = rows.map((row, index): DatasetQuestion => {
    const relevant = new Map(row.ground_truth_contexts.map((text) => [ids.get(text)!, 1]));
    return { id: String(index + 1), text: row.question, lectureId, relevant };
  });
  const about = "Passages are the distinct contexts of all questions; a question's own contexts are its relevant ones.";
  return { name: title, lectures: [{ lectureId, title, passages }], questions, about };
}

function parseLine(line: string, where: string): z.infer<typeof LineSchema> {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch (cause) {
    throw new LecternError('invalid-input', `${where} is not JSON`, { cause });
  }
  const parsed = LineSchema.safeParse(value);
  if (!parsed.success) throw new LecternError('invalid-input', `${where}: ${z.prettifyError(parsed.error)}`);
  return parsed.data;
}
