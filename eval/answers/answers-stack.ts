import { randomUUID } from 'node:crypto';
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Config } from '../../contracts/config.ts';
import { LecternError } from '../../contracts/errors.ts';
import { createApiClient, type ApiClient } from '../../cli/api-client.ts';
import { startStack } from '../../cli/embedded/stack.ts';
import { openUploadBody } from '../../cli/upload-body.ts';
import { waitForJob } from '../../cli/wait-for-job.ts';
import type { SpeakerTurn, Word } from '../../contracts/transcript.ts';
import { parseRttm } from '../speech/rttm.ts';
import { speakerAt } from '../speech/score-recording.ts';
import type { QuestionedRecording } from './question-set.ts';
import type { LectureWords } from './citation-words.ts';
import { readLectureWords } from './read-lecture-words.ts';

/** A stack with every recording ingested. */
export interface AnswersStack {
  api: ApiClient;
  /** By the recording's name in the question set. */
  lectures: Map<string, LectureWords>;
  stop(): Promise<void>;
}

/**
 * The embedded stack on a folder of its own below `LECTERN_CACHE` that stays: a recording is a lecture by its digest, and a stage
 * whose artifact is there is not computed again, so a second run ingests in seconds. The index is derived, and made anew.
 */
export async function openAnswersStack(
  config: Config,
  recordings: readonly QuestionedRecording[],
  note: (line: string) => void,
): Promise<AnswersStack> {
  const dataDir = join(config.LECTERN_CACHE, 'eval', 'answers');
  for (const suffix of ['', '-wal', '-shm']) await rm(join(dataDir, `index.sqlite${suffix}`), { force: true });
  const free = { LECTERN_PORT: 0, LECTERN_TEMPORAL_PORT: 0, LECTERN_TEMPORAL_UI_PORT: 0 };
  const stack = await startStack({ ...config, ...free, LECTERN_DATA: dataDir }, note);
  try {
    const api = createApiClient({ url: stack.apiUrl, apiKey: stack.apiKey, signal: new AbortController().signal });
    const lectures = new Map<string, LectureWords>();
    for (const [index, recording] of recordings.entries()) {
      lectures.set(recording.recording, await ingest(api, recording));
      note(`${index + 1}/${recordings.length} ${recording.recording} is ingested`);
    }
    return { api, lectures, stop: () => stack.stop() };
  } catch (error) {
    await stack.stop();
    throw error;
  }
}

async function ingest(api: ApiClient, { path, rttmPath, recording, title, course }: QuestionedRecording): Promise<LectureWords> {
  const upload = await openUploadBody(path, { title, course }, () => undefined);
  const { jobId } = await api.ingest(upload, randomUUID());
  const job = await waitForJob(api, jobId, new AbortController().signal, () => undefined);
  if (job.state !== 'completed') throw new LecternError('internal', `${recording} was not ingested: ${job.error?.message ?? job.state}`);
  const lecture = await readLectureWords(api, job.lectureId);
  return rttmPath === undefined
    ? lecture
    : { ...lecture, speakerNames: nameSpeakers(lecture.words, parseRttm(await readFile(rttmPath, 'utf8'))) };
}

/** Who each label is: the one of the reference who speaks at most of its words. */
function nameSpeakers(words: readonly Word[], turns: readonly SpeakerTurn[]): Record<string, string> {
  const counts = new Map<string, Map<string, number>>();
  for (const { speaker, startSeconds, endSeconds } of words) {
    const name = speakerAt((startSeconds + endSeconds) / 2, turns);
    if (speaker === null || name === null) continue;
    const names = counts.get(speaker) ?? new Map<string, number>();
    counts.set(speaker, names.set(name, (names.get(name) ?? 0) + 1));
  }
  return Object.fromEntries([...counts].map(([label, names]) => [label, [...names].sort((a, b) => b[1] - a[1])[0]![0]]));
}
