import { InvalidArgumentError, Option, type Command } from 'commander';
import { HOLD_RULES, type NewSchedule, type ScheduleView } from '../../contracts/reindex.ts';
import type { ApiClient } from '../api-client.ts';
import type { RunAction } from '../context.ts';
import { EXIT } from '../exit-code.ts';
import { formatTable, type Output } from '../output.ts';

const CREATE_HELP = `
Example: every Monday at three, with up to 0.05 of nDCG@10 or of the hit rate lost before somebody must look:
  lectern schedules create weekly --semester "WS 26/27" --cron "0 3 * * 1" --timezone Europe/Berlin --margin 0.05
What a re-index finds changed is swapped in at one moment; \`lectern reindex\` shows and undoes it.`;

interface CreateFlags extends Pick<NewSchedule, 'semester' | 'cron'> {
  timezone?: string;
  window?: number;
  margin?: number;
  hold?: NewSchedule['hold'];
  wayBackDays?: number;
  paused?: boolean;
}

/** Re-indexes of a semester at set times. */
export function addSchedulesCommand(program: Command, run: RunAction): void {
  const schedules = program.command('schedules').description('re-index semesters at set times');
  schedules
    .command('create')
    .description('make a schedule')
    .argument('<id>', 'its name: lower-case letters, digits and hyphens')
    .requiredOption('--semester <name>', 'lectures of this semester')
    .requiredOption('--cron <expression>', 'five fields: minute hour day month weekday')
    .option('--timezone <name>', 'of these times, such as Europe/Berlin (default: UTC)')
    .option('--window <lectures>', 'lectures at once (default: 4)', toNumber)
    .option('--margin <fall>', 'by how much nDCG@10 or the hit rate may fall before the swap is held (default: 0.02)', toNumber)
    .addOption(
      new Option('--hold <when>', 'when a person must look first: measured worse, that or not measured, always').choices(HOLD_RULES),
    )
    .option('--way-back-days <days>', 'for how long a swap can be rolled back (default: 7)', toNumber)
    .option('--paused', 'start nothing until it is resumed')
    .addHelpText('after', CREATE_HELP)
    .action((scheduleId: string, flags: CreateFlags, command: Command) =>
      run(command, async ({ connect, output }) => {
        describeSchedule(await (await connect()).createSchedule({ scheduleId, ...flags }), output);
        return EXIT.ok;
      }),
    );
  schedules
    .command('list')
    .description('list schedules')
    .action((_: unknown, command: Command) =>
      run(command, async ({ connect, output }) => {
        const list = await (await connect()).listSchedules();
        output.document(list);
        const rows = list.schedules.map(({ scheduleId, paused, nextAt }) => [scheduleId, paused ? 'paused' : (nextAt[0] ?? '')]);
        output.line(rows.length === 0 ? 'no schedules yet' : formatTable(['SCHEDULE', 'NEXT'], rows));
        return EXIT.ok;
      }),
    );
  addChange(schedules, run, {
    name: 'show',
    about: 'show one with its next times and what it started',
    call: (api, id) => api.getSchedule(id),
  });
  addChange(schedules, run, {
    name: 'pause',
    about: 'start nothing until it is resumed',
    call: (api, id) => api.changeSchedule(id, 'pause'),
  });
  addChange(schedules, run, { name: 'resume', about: 'start again at its times', call: (api, id) => api.changeSchedule(id, 'resume') });
  addChange(schedules, run, {
    name: 'trigger',
    about: 'start a re-index now, unless one of this schedule runs',
    call: (api, id) => api.changeSchedule(id, 'trigger'),
  });
  schedules
    .command('backfill')
    .description('make up for the times between two moments, one re-index after another')
    .argument('<id>')
    .requiredOption('--from <time>', 'such as 2026-10-01T00:00:00Z')
    .requiredOption('--to <time>')
    .action((id: string, times: { from: string; to: string }, command: Command) =>
      run(command, async ({ connect, output }) => {
        describeSchedule(await (await connect()).backfillSchedule(id, times), output);
        return EXIT.ok;
      }),
    );
  schedules
    .command('delete')
    .description('delete one; a re-index that it started goes on')
    .argument('<id>')
    .action((id: string, _: unknown, command: Command) =>
      run(command, async ({ connect, output }) => {
        await (await connect()).deleteSchedule(id);
        output.document({ deleted: id });
        output.line(`deleted ${id}`);
        return EXIT.ok;
      }),
    );
}

interface Change {
  name: string;
  about: string;
  call: (api: ApiClient, id: string) => Promise<ScheduleView>;
}

function addChange(schedules: Command, run: RunAction, { name, about, call }: Change): void {
  schedules
    .command(name)
    .description(about)
    .argument('<id>')
    .action((id: string, _: unknown, command: Command) =>
      run(command, async ({ connect, output }) => {
        describeSchedule(await call(await connect(), id), output);
        return EXIT.ok;
      }),
    );
}

function describeSchedule(schedule: ScheduleView, output: Output): void {
  output.document(schedule);
  const { scheduleId, paused, semester, options, nextAt, recent } = schedule;
  output.line(`${scheduleId}  ${paused ? 'paused' : 'running'}  ${semester ?? ''}`.trimEnd());
  if (options !== undefined) {
    const { window, margin, hold, wayBackDays } = options;
    output.line(`  ${window} lectures at once, margin ${margin}, held when ${hold}, way back ${wayBackDays} days`);
  }
  for (const time of nextAt) output.line(`  next     ${time}`);
  for (const { reindexId, startedAt } of recent) output.line(`  started  ${startedAt}  ${reindexId}`);
}

function toNumber(text: string): number {
  const number = Number(text);
  if (text.trim() === '' || !Number.isFinite(number)) throw new InvalidArgumentError('not a number');
  return number;
}
