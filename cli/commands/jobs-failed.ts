import { Option, type Command } from 'commander';
import type { DeadLetterFilter, DeadLetterPage } from '../../contracts/dead-letters.ts';
import { ERROR_KINDS } from '../../contracts/errors.ts';
import { STAGES } from '../../contracts/stages.ts';
import type { RunAction } from '../context.ts';
import { EXIT } from '../exit-code.ts';
import type { Output } from '../output.ts';
import { parseSince } from '../parse-since.ts';

/** Which of the failed ingests, as options of a command say it. */
export interface FailedFlags {
  kind?: DeadLetterFilter['kind'];
  stage?: DeadLetterFilter['stage'];
  since?: string;
}

/** Options that choose among the failed ingests. */
export function addFailedOptions(command: Command): Command {
  return command
    .addOption(new Option('--kind <kind>', 'only those that failed for this').choices(ERROR_KINDS))
    .addOption(new Option('--stage <stage>', 'only those that failed in this stage').choices(STAGES))
    .option('--since <time>', 'only those that ended since: 30m, 2h, 7d, or a time');
}

export function toFilter({ kind, stage, since }: FailedFlags): DeadLetterFilter {
  return {
    ...(kind === undefined ? {} : { kind }),
    ...(stage === undefined ? {} : { stage }),
    ...(since === undefined ? {} : { since: parseSince(since, Date.now()) }),
  };
}

export function addFailedCommand(jobs: Command, run: RunAction): void {
  addFailedOptions(jobs.command('failed').description('list ingests that failed and that nobody has retried, with what to do')).action(
    (flags: FailedFlags, command: Command) =>
      run(command, async ({ connect, output }) => {
        const filter = toFilter(flags);
        const api = await connect();
        let page = await api.listFailedJobs(filter);
        const failed: DeadLetterPage['jobs'] = [...page.jobs];
        const { total, byKind, byStage } = page;
        while (page.nextCursor !== null) {
          page = await api.listFailedJobs({ ...filter, cursor: page.nextCursor });
          failed.push(...page.jobs);
        }
        output.document({ total, byKind, byStage, jobs: failed });
        describe({ total, byKind, byStage, jobs: failed }, output);
        return EXIT.ok;
      }),
  );
}

function describe({ total, byKind, byStage, jobs }: Omit<DeadLetterPage, 'nextCursor'>, output: Output): void {
  if (total === 0) {
    output.line('nothing has failed');
    return;
  }
  const list = (counts: DeadLetterPage['byKind']): string => counts.map(({ name, jobs: count }) => `${name} ${count}`).join(', ');
  output.line(`${total} failed. By kind: ${list(byKind)}. By stage: ${list(byStage)}.`);
  for (const { jobId, error, cure, runs, closedAt } of jobs) {
    output.line(`${jobId}  ${closedAt}${runs > 1 ? `  run ${runs} times` : ''}`);
    output.line(`  ${error.stage}: ${error.message} (${error.kind})`);
    output.line(`  ${cure}`);
  }
}
