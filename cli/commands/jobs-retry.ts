import { setTimeout as sleep } from 'node:timers/promises';
import { Option, type Command } from 'commander';
import { IngestFieldsSchema } from '../../contracts/api.ts';
import { LecternError } from '../../contracts/errors.ts';
import { PrioritySchema } from '../../contracts/lecture.ts';
import type { RetryOverrides } from '../../contracts/retry.ts';
import type { CliContext, RunAction } from '../context.ts';
import { EXIT, type ExitCode } from '../exit-code.ts';
import { followJob } from '../job-progress.ts';
import { waitForJob } from '../wait-for-job.ts';
import { addFailedOptions, toFilter, type FailedFlags } from './jobs-failed.ts';

interface RetryFlags extends FailedFlags {
  allFailed?: boolean;
  rate?: string;
  stop?: string;
  language?: string;
  speakers?: string;
  priority?: RetryOverrides['priority'];
  wait?: boolean;
}

const POLL_MS = 1_000;

export function addRetryCommand(jobs: Command, run: RunAction): void {
  const retry = jobs
    .command('retry')
    .description('go on with a failed or stopped ingest from the stage it ended in, or with all that failed')
    .argument('[job-id]', 'go on with this one')
    .option('--all-failed', 'go on with every failed one, but those whose recording is at fault');
  addFailedOptions(retry)
    .option('--rate <number>', 'of many: how many a minute (default 30)')
    .option('--stop <retry-id>', 'stop a retry of many; what it has retried goes on')
    .option('--language <code>', 'begin anew in this language; auto: find it')
    .option('--speakers <count>', 'begin anew with so many speakers: 3, or 2-4; auto: find it')
    .addOption(new Option('--priority <level>', 'begin anew with this priority').choices(PrioritySchema.options))
    .option('--wait', 'return when it has ended')
    .action((jobId: string | undefined, flags: RetryFlags, command: Command) =>
      run(command, async (context) => {
        const many = flags.allFailed === true || toNames(flags, ['kind', 'stage', 'since']).length > 0;
        if ([jobId !== undefined, many, flags.stop !== undefined].filter(Boolean).length !== 1) {
          command.error('error: give a job id, or --all-failed, --since, --kind or --stage, or --stop');
        }
        if (jobId !== undefined) return retryOne(context, jobId, flags);
        const foreign = toNames(flags, ['language', 'speakers', 'priority']);
        if (foreign.length > 0) command.error(`error: --${foreign[0]} needs a job id`);
        return flags.stop === undefined ? retryMany(context, flags) : stopMany(context, flags.stop);
      }),
    );
}

function toNames(flags: RetryFlags, names: (keyof RetryFlags)[]): string[] {
  return names.filter((name) => flags[name] !== undefined);
}

async function retryOne({ connect, output, signal }: CliContext, jobId: string, flags: RetryFlags): Promise<ExitCode> {
  const overrides = toOverrides(flags);
  const api = await connect();
  const accepted = await api.retryJob(jobId, overrides);
  const how = accepted.how === 'continued' ? 'goes on from the stage it ended in' : `begun anew: ${accepted.reason ?? ''}`;
  output.note(`${accepted.lectureId}: ${how}`);
  if (flags.wait !== true) {
    output.document(accepted);
    output.line(accepted.jobId);
    return EXIT.ok;
  }
  const follow = followJob();
  const job = await waitForJob(api, accepted.jobId, signal, (polled) => {
    const { text, milestone } = follow(polled);
    output.progress(`${accepted.lectureId}: ${text}`, milestone);
  });
  output.document({ ...accepted, state: job.state, ...(job.error === undefined ? {} : { error: job.error }) });
  output.line(
    `${job.jobId}  ${job.state}${job.error === undefined ? '' : `  ${job.error.stage}: ${job.error.message} (${job.error.kind})`}`,
  );
  return job.state === 'completed' ? EXIT.ok : EXIT.failed;
}

function toOverrides({ language, speakers, priority }: RetryFlags): RetryOverrides {
  return {
    ...(language === undefined ? {} : { language: language === 'auto' ? null : language }),
    ...(speakers === undefined ? {} : { speakers: speakers === 'auto' ? null : parseSpeakers(speakers) }),
    ...(priority === undefined ? {} : { priority }),
  };
}

function parseSpeakers(text: string): RetryOverrides['speakers'] {
  const parsed = IngestFieldsSchema.shape.speakers.safeParse(text);
  if (parsed.success) return parsed.data;
  throw new LecternError('invalid-input', `--speakers ${text}: ${parsed.error.issues[0]?.message ?? 'not a number of speakers'}`);
}

async function retryMany({ connect, output, signal }: CliContext, flags: RetryFlags): Promise<ExitCode> {
  const filter = toFilter(flags);
  const perMinute = flags.rate === undefined ? {} : { perMinute: parseRate(flags.rate) };
  const api = await connect();
  let bulk = await api.retryFailedJobs({ ...filter, ...perMinute });
  output.note(`retry ${bulk.retryId} runs; \`lectern jobs retry --stop ${bulk.retryId}\` ends it`);
  while (flags.wait === true && bulk.state === 'running') {
    await sleep(POLL_MS, undefined, { signal });
    bulk = await api.getBulkRetry(bulk.retryId);
    output.progress(`${bulk.retried} retried, ${bulk.refused} refused`, `${bulk.retried + bulk.refused}`);
  }
  output.document(bulk);
  output.line(flags.wait === true ? `${bulk.state}: ${bulk.retried} retried, ${bulk.refused} refused` : bulk.retryId);
  return bulk.state === 'completed' || bulk.state === 'running' ? EXIT.ok : EXIT.failed;
}

async function stopMany({ connect, output }: CliContext, retryId: string): Promise<ExitCode> {
  const bulk = await (await connect()).stopBulkRetry(retryId);
  output.document(bulk);
  output.line(`${bulk.retryId}  ${bulk.state === 'running' ? 'stopping' : bulk.state}: ${bulk.retried} retried, ${bulk.refused} refused`);
  return EXIT.ok;
}

function parseRate(text: string): number {
  const rate = Number(text);
  if (text.trim() !== '' && Number.isFinite(rate) && rate > 0) return rate;
  throw new LecternError('invalid-input', `--rate ${text}: give a number of jobs a minute`);
}
