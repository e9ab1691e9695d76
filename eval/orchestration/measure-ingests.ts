import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { openModelStore, toModelStoreOptions } from '../../inference/models/store.ts';
import { findFfmpeg } from '../../media/find-ffmpeg.ts';
import { makeWav } from '../../tests/workflows/wav.ts';
import { readStageOverheads, summarizeOverheads } from './history-figures.ts';
import type { IngestRun, MeasuredStack } from './measured-stack.ts';
import { percentile, processorMsEach, round } from './statistics.ts';

const SHORT_SECONDS = 2;
const AT_ONCE = 16;

export interface HistorySize {
  events: number;
  bytes: number;
}

export interface IngestFigures {
  lectures: number;
  ingestsPerMinute: number;
  /** Of an ingest, by process, ffmpeg with the worker: other work on the machine does not count. */
  processorMs: Record<string, number>;
  /** Of a lecture of one piece, the median of all; and of three hours in 36 pieces. */
  history: HistorySize;
  historyOfThreeHours: HistorySize;
  /** One lecture after another: nothing else stands in the queues. */
  overheadAlone: ReturnType<typeof summarizeOverheads>;
  /** Sixteen at a time: the queue's times are mostly other lectures' work. */
  overheadTogether: ReturnType<typeof summarizeOverheads>;
}

/** How many ingests of two seconds get through the stack in a minute, and what Temporal's part of them is. */
export async function measureIngests(stack: MeasuredStack, lectures: number, note: (line: string) => void): Promise<IngestFigures> {
  const files = await makeRecordings(stack.config.LECTERN_DATA, lectures + 10);
  const alone: IngestRun[] = [];
  for (const file of files.splice(0, 10)) {
    const { run } = await stack.upload(file);
    await run.result();
    alone.push(run);
  }
  note(`${lectures} ingests, ${AT_ONCE} at a time`);
  const before = await stack.processorMs();
  const started = performance.now();
  const runs = await ingestAll(stack, files, AT_ONCE);
  const minutes = (performance.now() - started) / 60_000;
  const after = await stack.processorMs();
  const sizes = await Promise.all(runs.map(sizeOf));
  note('a lecture of three hours');
  const { run: long } = await stack.upload(await makeThreeHours(stack));
  await long.result();
  const overheads = (of: readonly IngestRun[]) => Promise.all(of.map(async (run) => readStageOverheads(await run.fetchHistory())));
  return {
    lectures,
    ingestsPerMinute: round(lectures / minutes),
    processorMs: processorMsEach(before, after, lectures),
    history: {
      events: percentile(
        sizes.map(({ events }) => events),
        0.5,
      ),
      bytes: percentile(
        sizes.map(({ bytes }) => bytes),
        0.5,
      ),
    },
    historyOfThreeHours: await sizeOf(long),
    // The first warms up.
    overheadAlone: summarizeOverheads(await overheads(alone.slice(1))),
    overheadTogether: summarizeOverheads(await overheads(runs)),
  };
}

/** Uploads and waits, so many at a time. Answers in the order of the files. */
export async function ingestAll(stack: MeasuredStack, files: readonly string[], atOnce: number): Promise<IngestRun[]> {
  const runs: IngestRun[] = [];
  const waiting = files.entries();
  const lane = async () => {
    for (const [at, file] of waiting) {
      const { run } = await stack.upload(file);
      await run.result();
      runs[at] = run;
    }
  };
  await Promise.all(Array.from({ length: atOnce }, lane));
  return runs;
}

/** Tones of different pitch: lectures of their own. */
async function makeRecordings(folder: string, count: number): Promise<string[]> {
  const files = Array.from({ length: count }, (_, index) => ({ path: join(folder, `tone-${index}.wav`), hertz: 200 + index * 3 }));
  for (const { path, hertz } of files) await writeFile(path, makeWav(SHORT_SECONDS, hertz));
  return files.map(({ path }) => path);
}

async function makeThreeHours({ config }: MeasuredStack): Promise<string> {
  const path = join(config.LECTERN_DATA, 'three-hours.flac');
  const tone = ['-f', 'lavfi', '-i', 'sine=frequency=440:sample_rate=16000:duration=10800'];
  await promisify(execFile)(await ffmpegPath(config), ['-nostdin', '-v', 'error', ...tone, path]);
  return path;
}

export async function ffmpegPath(config: MeasuredStack['config']): Promise<string> {
  const store = await openModelStore(toModelStoreOptions(config));
  return (await findFfmpeg({ bundled: async () => (await store.ensure('ffmpeg')).path('ffmpeg') })).path;
}

async function sizeOf(run: IngestRun): Promise<HistorySize> {
  const { historyLength, historySize } = await run.describe();
  return { events: historyLength, bytes: historySize ?? 0 };
}
