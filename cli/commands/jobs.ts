import type { Command } from 'commander';
import type { Job } from '../../contracts/api.ts';
import type { CliContext, RunAction } from '../context.ts';
import { EXIT, type ExitCode } from '../exit-code.ts';
import { describeExtent } from '../job-progress.ts';
import { listAllJobs } from '../list-all-jobs.ts';
import { formatTable, type Output } from '../output.ts';
import { addFailedCommand } from './jobs-failed.ts';
import { addRetryCommand } from './jobs-retry.ts';

export function addJobsCommand(program: Command, run: RunAction): void {
  const jobs = program
    .command('jobs')
    .description('list ingests, show one, cancel one, or retry what failed')
    .argument('[job-id]', 'show this job with its stages')
    .option('--cancel', 'cancel the job')
    .action((jobId: string | undefined, flags: { cancel?: boolean }, command: Command) =>
      run(command, async (context) => {
        if (jobId === undefined && flags.cancel === true) command.error('error: --cancel needs a job id');
        return jobId === undefined ? listJobs(context) : showJob(context, jobId, flags.cancel === true);
      }),
    );
  addFailedCommand(jobs, run);
  addRetryCommand(jobs, run);
}

async function listJobs({ connect, output }: CliContext): Promise<ExitCode> {
  const api = await connect();
  const jobs = [];
  for await (const job of listAllJobs(api)) jobs.push(job);
  output.document({ jobs });
  const rows = jobs.map((job) => [job.state, job.stage ?? '', job.startedAt, job.jobId]);
  output.line(rows.length === 0 ? 'no jobs yet' : formatTable(['STATE', 'STAGE', 'STARTED', 'JOB'], rows));
  return EXIT.ok;
}

async function showJob({ connect, output }: CliContext, jobId: string, isCancelled: boolean): Promise<ExitCode> {
  const api = await connect();
  const job = await (isCancelled ? api.cancelJob(jobId) : api.getJob(jobId));
  output.document(job);
  describeJob(job, output);
  return EXIT.ok;
}

function describeJob(job: Job, output: Output): void {
  output.line(`${job.jobId}  ${job.state}`);
  for (const stage of job.stages) output.line(`  ${stage.stage.padEnd(13)} ${stage.state}${describeExtent(stage)}`);
  for (const { stage, reason } of job.degraded) output.line(`  without ${stage}: ${reason}`);
  if (job.error) output.line(`  failed in ${job.error.stage}: ${job.error.message} (${job.error.kind})`);
  if (job.state !== 'running' && job.state !== 'completed') output.note(`\`lectern jobs retry ${job.jobId}\` goes on with it`);
}
