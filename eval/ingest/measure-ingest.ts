import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Job } from '../../contracts/api.ts';
import { parseConfig, type Config } from '../../contracts/config.ts';
import { LecternError } from '../../contracts/errors.ts';
import { createApiClient, type ApiClient } from '../../cli/api-client.ts';
import { startStack } from '../../cli/embedded/stack.ts';
import { openUploadBody } from '../../cli/upload-body.ts';
import { waitForJob } from '../../cli/wait-for-job.ts';
import { openModelStore, toModelStoreOptions } from '../../inference/models/store.ts';
import { findFfmpeg } from '../../media/find-ffmpeg.ts';
import { sampleMemory, type PeakMemory } from './memory-sampler.ts';

const run = promisify(execFile);
const DEMO_LECTURE = join(import.meta.dirname, '../../demo/lecture.opus');
/** Enough speech to load every model and to fill every cache. */
const WARM_UP_SECONDS = 45;

export interface IngestMeasurement {
  audioSeconds: number;
  /** From the first byte of the upload to the end of the job. */
  ingestSeconds: number;
  /** Share of the recording's length. */
  realTimeFactor: number;
  /** Seconds at which each stage was first seen running, and last; polled once a second. */
  stages: { stage: string; fromSeconds: number; toSeconds: number }[];
  /** Largest sum of resident memory over all processes of the stack, this one included. */
  peakMemoryBytes: number;
  processes: { name: string; rssBytes: number }[];
}

/** Starts a stack of its own in an empty folder, warms it up, then ingests `minutes` of the demo lecture over and over. */
export async function measureIngest(
  minutes: number,
  environment: NodeJS.ProcessEnv,
  note: (line: string) => void,
): Promise<IngestMeasurement> {
  const folder = await mkdtemp(join(tmpdir(), 'lectern-ingest-'));
  const config = parseConfig({
    ...environment,
    LECTERN_DATA: join(folder, 'data'),
    LECTERN_PORT: '0',
    LECTERN_TEMPORAL_PORT: '0',
    LECTERN_TEMPORAL_UI_PORT: '0',
  });
  try {
    const store = await openModelStore({ ...toModelStoreOptions(config), onNotice: note });
    const { path: ffmpeg } = await findFfmpeg({ bundled: async () => (await store.ensure('ffmpeg')).path('ffmpeg') });
    const [warmUp, speech] = [await speechFile(ffmpeg, folder, WARM_UP_SECONDS), await speechFile(ffmpeg, folder, minutes * 60)];
    return await measureOn(config, { warmUp, speech, audioSeconds: minutes * 60 }, note);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function measureOn(
  config: Config,
  files: { warmUp: string; speech: string; audioSeconds: number },
  note: (line: string) => void,
): Promise<IngestMeasurement> {
  const stack = await startStack(config, note);
  try {
    const api = createApiClient({ url: stack.apiUrl, apiKey: stack.apiKey, signal: new AbortController().signal });
    note(`warming up on ${WARM_UP_SECONDS} s of speech`);
    await ingest(api, files.warmUp, () => undefined);
    note(`measuring ${files.audioSeconds} s of speech`);
    const memory = sampleMemory(process.pid);
    const started = performance.now();
    const elapsed = (): number => Math.round((performance.now() - started) / 100) / 10;
    const stages = new Map<string, { fromSeconds: number; toSeconds: number }>();
    await ingest(api, files.speech, (job) => {
      for (const { stage, state } of job.stages) {
        if (state === 'running') stages.set(stage, { fromSeconds: stages.get(stage)?.fromSeconds ?? elapsed(), toSeconds: elapsed() });
      }
    });
    const ingestSeconds = elapsed();
    return toMeasurement(files.audioSeconds, ingestSeconds, stages, await memory.stop());
  } finally {
    await stack.stop();
  }
}

function toMeasurement(
  audioSeconds: number,
  ingestSeconds: number,
  stages: Map<string, { fromSeconds: number; toSeconds: number }>,
  memory: PeakMemory,
): IngestMeasurement {
  return {
    audioSeconds,
    ingestSeconds,
    realTimeFactor: ingestSeconds / audioSeconds,
    stages: [...stages].map(([stage, times]) => ({ stage, ...times })),
    peakMemoryBytes: memory.peakBytes,
    processes: memory.processes.map(({ name, rssBytes }) => ({ name, rssBytes })),
  };
}

async function ingest(api: ApiClient, file: string, onPoll: (job: Job) => void): Promise<void> {
  const upload = await openUploadBody(file, { title: 'Ingest measurement' }, () => undefined);
  const { jobId } = await api.ingest(upload, randomUUID());
  const job = await waitForJob(api, jobId, new AbortController().signal, onPoll);
  // Contexts need a language model, which the default stack does without; anything else missing would be a lighter ingest.
  const missing = job.degraded.filter(({ stage }) => stage !== 'contextualize');
  if (job.state !== 'completed' || missing.length > 0) {
    const reason = job.error?.message ?? missing.map(({ stage, reason: why }) => `${stage}: ${why}`).join('; ');
    throw new LecternError('internal', `the measured ingest ended as ${job.state}: ${reason}`);
  }
}

/** The demo lecture from the start, again and again, as FLAC. */
async function speechFile(ffmpeg: string, folder: string, seconds: number): Promise<string> {
  const path = join(folder, `${seconds}.flac`);
  await run(ffmpeg, ['-nostdin', '-v', 'error', '-stream_loop', '-1', '-i', DEMO_LECTURE, '-t', String(seconds), '-ar', '16000', path]);
  return path;
}

/** The measurement as a table for people. */
export function describeMeasurement(measured: IngestMeasurement): string {
  const megabytes = (bytes: number): string => `${Math.round(bytes / 1e6)} MB`;
  const rows = [
    ['speech', `${measured.audioSeconds} s`],
    ['ingest', `${measured.ingestSeconds} s (${(1 / measured.realTimeFactor).toFixed(1)} times real time)`],
    ...measured.stages.map(({ stage, fromSeconds, toSeconds }) => [`  ${stage}`, `${fromSeconds} to ${toSeconds} s`]),
    ['peak memory', megabytes(measured.peakMemoryBytes)],
    ...measured.processes.map(({ name, rssBytes }) => [`  ${name}`, megabytes(rssBytes)]),
  ];
  return rows.map(([name = '', value = '']) => `${name.padEnd(18)}${value}`).join('\n');
}
