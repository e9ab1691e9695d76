import { Option, type Command } from 'commander';
import { PARTS, type Part } from '../orchestration/parts.ts';
import { note, report } from './report.ts';

/** What Lectern costs beside its models. */
export function addOrchestrationCommand(program: Command): void {
  program
    .command('orchestration')
    .description('what all but models and ffmpeg costs: ingests a minute, histories, a growing catalogue, a semester again, one lecture')
    .addOption(new Option('--only <parts...>', 'only these').choices(PARTS).default([...PARTS]))
    .action(({ only }: { only: Part[] }) =>
      report(async () => {
        const { measureOrchestration } = await import('../orchestration/measure-orchestration.ts');
        return measureOrchestration({ only, environment: process.env, note });
      }),
    );
}
