import type { Command } from 'commander';
import type { RunAction } from '../context.ts';
import { EXIT } from '../exit-code.ts';
import { describeExtent } from '../job-progress.ts';
import { formatTable } from '../output.ts';

export function addJobsCommand(program: Command, run: RunAction): void {
  program
    .command('jobs')
    .description('list ingests, show one, or cancel one')
    .argument('[job-id]', 'show this job with its stages')
    .option('--cancel', 'cancel the job')
    .action((jobId: string | undefined, flags: { cancel?: boolean }, command: Command) =>
      run(command, async ({ connect, output }) => {
        if (flags.cancel === true && jobId === undefined) command.error('error: --cancel needs a job id');
        const api = await connect();
        if (jobId === undefined) {
          const { jobs } = await api.listJobs({ limit: 200 });
          output.document({ jobs });
          const rows = jobs.map((job) => [job.state, job.stage ?? '', job.startedAt, job.jobId]);
          output.line(rows.length === 0 ? 'no jobs yet' : formatTable(['STATE', 'STAGE', 'STARTED', 'JOB'], rows));
          return EXIT.ok;
        }
        const job = await (flags.cancel === true ? api.cancelJob(jobId) : api.getJob(jobId));
        output.document(job);
        output.line(`${job.jobId}  ${job.state}`);
        for (const stage of job.stages) output.line(`  ${stage.stage.padEnd(13)} ${stage.state}${describeExtent(stage)}`);
        for (const { stage, reason } of job.degraded) output.line(`  without ${stage}: ${reason}`);
        if (job.error) output.line(`  failed in ${job.error.stage}: ${job.error.message} (${job.error.kind})`);
        return EXIT.ok;
      }),
    );
}
