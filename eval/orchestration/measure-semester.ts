import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { MeasuredStack } from './measured-stack.ts';
import { ffmpegPath, ingestAll } from './measure-ingests.ts';
import { percentile, processorMsEach, round } from './statistics.ts';

const DEMO_LECTURE = join(import.meta.dirname, '../../demo/lecture.opus');

/** Uploads side by side, as of a person who drops a folder of lectures. */
const AT_ONCE = 4;

export interface SemesterFigures {
  lectures: number;
  minutesEach: number;
  /** The first ingest of each: ffmpeg at work, models scripted. */
  firstSeconds: { p50: number; p95: number };
  /** The same files again, one after another, from the first byte of the upload to the end of the run. */
  againSeconds: { p50: number; p95: number; largest: number };
  /** Once more, as a semester would be: so many at once; seconds of all of them by their number. */
  againTogether: { atOnce: number; secondsEach: number };
  /** Of one lecture's second ingest, by process: other work on the machine does not count. */
  processorMsAgain: Record<string, number>;
  /** Calls of models and of ffmpeg while they were ingested again. */
  callsAgain: number;
}

/** Ingests a semester, and then the same files once more. */
export async function measureSemester(
  stack: MeasuredStack,
  { lectures, minutesEach }: { lectures: number; minutesEach: number },
  note: (line: string) => void,
): Promise<SemesterFigures> {
  note(`a semester of ${lectures} lectures of ${minutesEach} min`);
  const files = await makeSemester(stack, lectures, minutesEach);
  const first = await timeEach(stack, files);
  const callsBefore = (await stack.calls()).length;
  const before = await stack.processorMs();
  note('the same once more');
  const again = await timeEach(stack, files);
  const after = await stack.processorMs();
  note(`and once more, ${AT_ONCE} at once`);
  const started = performance.now();
  await ingestAll(stack, files, AT_ONCE);
  const secondsEach = round((performance.now() - started) / 1_000 / lectures, 2);
  return {
    lectures,
    minutesEach,
    firstSeconds: { p50: round(percentile(first, 0.5), 2), p95: round(percentile(first, 0.95), 2) },
    againSeconds: {
      p50: round(percentile(again, 0.5), 2),
      p95: round(percentile(again, 0.95), 2),
      largest: round(Math.max(...again), 2),
    },
    againTogether: { atOnce: AT_ONCE, secondsEach },
    processorMsAgain: processorMsEach(before, after, lectures),
    callsAgain: (await stack.calls()).length - callsBefore,
  };
}

async function timeEach(stack: MeasuredStack, files: readonly string[]): Promise<number[]> {
  const seconds: number[] = [];
  for (const file of files) {
    const started = performance.now();
    await ingestAll(stack, [file], 1);
    seconds.push((performance.now() - started) / 1_000);
  }
  return seconds;
}

/** The demo lecture over and over, from another second on each time. */
async function makeSemester({ config }: MeasuredStack, lectures: number, minutesEach: number): Promise<string[]> {
  const ffmpeg = await ffmpegPath(config);
  const files: string[] = [];
  for (let lecture = 0; lecture < lectures; lecture += 1) {
    const file = join(config.LECTERN_DATA, `lecture-${lecture}.opus`);
    const from = ['-ss', String(lecture), '-stream_loop', '-1', '-i', DEMO_LECTURE];
    await promisify(execFile)(ffmpeg, ['-nostdin', '-v', 'error', ...from, '-t', String(minutesEach * 60), '-c', 'copy', file]);
    files.push(file);
  }
  return files;
}
