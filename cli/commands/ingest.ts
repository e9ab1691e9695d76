import { randomUUID } from 'node:crypto';
import type { Command } from 'commander';
import type { Job, JobError } from '../../contracts/api.ts';
import { toLecternError } from '../../contracts/errors.ts';
import type { Degradation } from '../../contracts/lecture.ts';
import type { ApiClient } from '../api-client.ts';
import type { CliContext, RunAction } from '../context.ts';
import { EXIT, type ExitCode } from '../exit-code.ts';
import { followJob } from '../job-progress.ts';
import { gatherVocabulary } from '../handout/gather-vocabulary.ts';
import { formatBytes, type Output } from '../output.ts';
import { openUploadBody } from '../upload-body.ts';
import { waitForJob } from '../wait-for-job.ts';
import { withinLimits } from '../within-limits.ts';

/** One file's outcome. `accepted`: the job runs and was not waited for; `rejected`: there is no job, nothing was kept. */
interface IngestResultLine {
  file: string;
  jobId?: string;
  lectureId?: string;
  state: 'accepted' | 'completed' | 'failed' | 'rejected';
  degraded: Degradation[];
  error?: JobError;
}

interface IngestFlags {
  wait?: boolean;
  title?: string;
  course?: string;
  semester?: string;
  language?: string;
  speakers?: string;
  priority?: string;
  recordedAt?: string;
  vocabulary?: string;
  vocabularyFrom?: string[];
}

export function addIngestCommand(program: Command, run: RunAction): void {
  program
    .command('ingest')
    .description('upload recordings and have them transcribed and indexed')
    .argument('<file...>', 'audio or video files')
    .option('--wait', 'return when the jobs have ended')
    .option('--title <text>', 'title of the lecture')
    .option('--course <text>', 'course it belongs to')
    .option('--semester <text>', 'semester it was held in')
    .option('--language <code>', 'spoken language, as en or de; found when left out')
    .option('--speakers <count>', 'how many people speak: 3, or 2-4; found when left out')
    .option('--priority <level>', 'high, normal or low')
    .option('--recorded-at <time>', 'when it was held, as 2026-11-20T10:15:00+01:00')
    .option('--vocabulary <terms>', 'names and terms that are said, separated by commas: they are spelled so')
    .option('--vocabulary-from <file>', 'take them from a handout, text or PDF; may be given more than once', collect)
    .action((files: string[], flags: IngestFlags, command: Command) => run(command, (context) => ingest(context, files, flags)));
}

function collect(value: string, before: readonly string[] = []): string[] {
  return [...before, value];
}

async function ingest(context: CliContext, files: readonly string[], flags: IngestFlags): Promise<ExitCode> {
  const vocabulary = await gatherVocabulary(flags, (line) => context.output.note(line));
  const api = await context.connect();
  // Asked first, because a server that refuses a key in the middle of an upload can only hang up.
  await api.listLectures({ limit: 1 });
  const results: IngestResultLine[] = [];
  for (const file of files) results.push(await uploadFile(context, api, file, { ...flags, vocabulary }, results.length === 0));
  if (flags.wait === true) {
    for (const [at, result] of results.entries()) {
      if (result.jobId !== undefined) results[at] = await awaitResult(context, api, result, result.jobId);
    }
  }
  for (const result of results) context.output.line(describeResult(result));
  context.output.document({ results });
  return results.every(({ state }) => state === 'accepted' || state === 'completed') ? EXIT.ok : EXIT.failed;
}

async function uploadFile(
  { output, signal }: CliContext,
  api: ApiClient,
  file: string,
  flags: Omit<IngestFlags, 'vocabulary'> & { vocabulary: string | undefined },
  isFirst: boolean,
): Promise<IngestResultLine> {
  try {
    const { wait: _, vocabularyFrom: __, ...fields } = flags;
    const idempotencyKey = randomUUID();
    const upload = async () => {
      const body = await openUploadBody(file, { ...fields }, (done, total) => showUpload(output, file, done, total));
      return api.ingest(body, idempotencyKey);
    };
    const { jobId, lectureId, duplicate } = await withinLimits(signal, upload, (seconds) =>
      output.note(`${file}: more uploads a minute than the limit allows, waiting ${seconds} s`),
    );
    output.note(`${file}: uploaded as ${lectureId}${duplicate ? ', known already: finished stages are kept' : ''}`);
    return { file, jobId, lectureId, state: 'accepted', degraded: [] };
  } catch (error) {
    const { kind, message, cure } = toLecternError(error);
    // Without the API or a key no file can fare better: that is the command's failure, not this file's. But once a file was taken,
    // its job must be told.
    if (signal.aborted || (isFirst && (kind === 'unavailable' || kind === 'unauthorized'))) throw error;
    output.note(`${file}: refused, ${message}${cure === undefined ? '' : ` (${cure})`}`);
    return { file, state: 'rejected', degraded: [], error: { kind, stage: 'upload', message } };
  }
}

async function awaitResult(
  { output, signal }: CliContext,
  api: ApiClient,
  result: IngestResultLine,
  jobId: string,
): Promise<IngestResultLine> {
  const startedAt = Date.now();
  const follow = followJob();
  const job = await waitForJob(api, jobId, signal, (polled) => {
    const { text, milestone } = follow(polled);
    output.progress(`${result.file}: ${text} (${Math.round((Date.now() - startedAt) / 1000)} s)`, `${jobId} ${milestone}`);
  });
  return { ...result, state: job.state === 'completed' ? 'completed' : 'failed', degraded: job.degraded, ...errorOf(job) };
}

function errorOf(job: Job): { error?: JobError } {
  if (job.state === 'completed') return {};
  const stage = job.stage ?? 'unknown';
  return { error: job.error ?? { kind: job.state, stage, message: `the job was ${job.state}` } };
}

function showUpload(output: Output, file: string, done: number, total: number): void {
  const percent = total === 0 ? 100 : Math.floor((done / total) * 100);
  output.progress(
    `${file}: uploading ${percent} % (${formatBytes(done)} of ${formatBytes(total)})`,
    `${file} upload ${Math.floor(percent / 25)}`,
  );
}

function describeResult({ file, lectureId, jobId, state, degraded, error }: IngestResultLine): string {
  const notes = [
    ...degraded.map(({ stage, reason }) => `without ${stage}: ${reason}`),
    ...(error === undefined ? [] : [`${error.stage}: ${error.message} (${error.kind})`]),
  ];
  const ids = state === 'accepted' ? `${lectureId ?? ''} job ${jobId ?? ''}` : (lectureId ?? '');
  return [`${file}: ${state}`, ids, ...notes].filter((part) => part !== '').join('  ');
}
