import { readdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { z } from 'zod';
import { LecternError } from '../../../contracts/errors.ts';
import { toLectureId, toPassage, type Dataset, type DatasetLecture, type DatasetPassage, type DatasetQuestion } from './dataset.ts';
import { readJson } from './read-json.ts';

/** QMSum's layout (Zhong et al. 2021); only what is read here. Spans are of turns, both ends included, as strings. */
const MeetingSchema = z.object({
  meeting_transcripts: z.array(z.object({ speaker: z.string(), content: z.string() })),
  specific_query_list: z.array(
    z.object({ query: z.string(), relevant_text_span: z.array(z.tuple([z.coerce.number().int(), z.coerce.number().int()])) }),
  ),
});
type Meeting = z.infer<typeof MeetingSchema>;

/** Turns of a passage. */
const WINDOW_TURNS = 10;
/** A usual pace of speech, for the times that the transcripts do not tell. */
const SECONDS_PER_WORD = 0.4;

/**
 * A meeting is a lecture. Its passages are consecutive windows of ten turns that do not overlap, "speaker: words" a line,
 * without the transcribers' marks (`{disfmarker}`); relevant is each window that shares a turn with a span of the query.
 */
export async function readQmsum(folder: string): Promise<Dataset> {
  const paths = await findMeetings(folder);
  const questions: DatasetQuestion[] = [];
  const lectures: DatasetLecture[] = [];
  for (const path of paths) {
    const meeting = await readJson(path, MeetingSchema);
    const title = basename(path, '.json');
    const lectureId = toLectureId(`qmsum/${title}`);
    const windows = toWindows(meeting);
    const passages = windows.map((window, ordinal) => toPassage(lectureId, ordinal, window));
    lectures.push({ lectureId, title, passages });
    for (const [index, { query, relevant_text_span: spans }] of meeting.specific_query_list.entries()) {
      const relevant = new Map(spans.flatMap(([first, last]) => windowsOf(first, last, passages)).map((chunkId) => [chunkId, 1]));
      if (relevant.size > 0) questions.push({ id: `${title}/${index}`, text: query, lectureId, relevant });
    }
  }
  const about =
    `Passages are windows of ${WINDOW_TURNS} turns that follow each other without overlap, a line a turn with its speaker, marks in braces ` +
    'taken out; relevant is each window that shares a turn with a span of the query. Specific queries only.';
  return { name: 'qmsum', lectures, questions, about };
}

async function findMeetings(folder: string): Promise<string[]> {
  const files = await readdir(folder, { recursive: true }).catch((cause: unknown) => {
    throw new LecternError('not-found', `${folder} cannot be read`, { cause, cure: 'Name the folder of QMSum’s meetings.' });
  });
  const meetings = files.filter((file) => file.endsWith('.json')).toSorted();
  if (meetings.length === 0) throw new LecternError('invalid-input', `${folder} holds no meeting (.json)`);
  return meetings.map((file) => join(folder, file));
}

function toWindows({ meeting_transcripts: turns }: Meeting): Pick<DatasetPassage, 'text' | 'startSeconds' | 'endSeconds'>[] {
  let seconds = 0;
  return Array.from({ length: Math.ceil(turns.length / WINDOW_TURNS) }, (_, window) => {
    const lines = turns
      .slice(window * WINDOW_TURNS, (window + 1) * WINDOW_TURNS)
      .map(({ speaker, content }) => `${speaker}: ${withoutMarks(content)}`);
    const text = lines.join('\n');
    const startSeconds = seconds;
    seconds += text.split(/\s+/).length * SECONDS_PER_WORD;
    return { text, startSeconds, endSeconds: seconds };
  });
}

/** The text without `{disfmarker}`, `{vocalsound}` and their like, and without the space that they leave. */
function withoutMarks(content: string): string {
  return content
    .replaceAll(/\{[^}]*\}/g, ' ')
    .replaceAll(/\s+([.,?!])/g, '$1')
    .replaceAll(/\s+/g, ' ')
    .trim();
}

function windowsOf(firstTurn: number, lastTurn: number, passages: readonly DatasetPassage[]): string[] {
  return passages.slice(Math.floor(firstTurn / WINDOW_TURNS), Math.floor(lastTurn / WINDOW_TURNS) + 1).map(({ chunkId }) => chunkId);
}
