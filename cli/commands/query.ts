import { InvalidArgumentError, Option, type Command } from 'commander';
import type { Hit } from '../../contracts/query.ts';
import { SpeakerRoleSchema, type SpeakerRole } from '../../contracts/transcript.ts';
import type { CliContext, RunAction } from '../context.ts';
import { EXIT, type ExitCode } from '../exit-code.ts';
import { formatTime, type Output } from '../output.ts';
import { askQuestion, converse, noteUnheardPhrases, type Question } from './ask-question.ts';

interface QueryFlags {
  limit: number;
  course?: string[];
  semester?: string[];
  lecture?: string[];
  speaker?: string[];
  role?: SpeakerRole[];
  from?: number;
  to?: number;
  budget?: number;
}

export function addSearchCommand(program: Command, run: RunAction): void {
  addQueryCommand(program, 'search', 'find passages in the lectures').action((words: string[], flags: QueryFlags, command: Command) =>
    run(command, (context) => search(context, toQuestion(words, flags))),
  );
}

export function addAskCommand(program: Command, run: RunAction): void {
  addQueryCommand(program, 'ask', 'answer a question from the lectures, with citations')
    .option('--follow', 'then read further questions, a line each, which may lean on the ones before; an empty line ends')
    .action((words: string[], flags: QueryFlags & { follow?: true }, command: Command) =>
      run(command, (context) => ask(context, toQuestion(words, flags), flags.follow === true)),
    );
}

function addQueryCommand(program: Command, name: string, description: string): Command {
  return program
    .command(name)
    .description(description)
    .argument('<question...>', 'words of the question; passages hold what it puts in quotation marks word for word')
    .option('--limit <count>', 'passages to find', parseLimit, 5)
    .option('--course <name...>', 'only lectures of these courses')
    .option('--semester <name...>', 'only lectures of these semesters')
    .option('--lecture <id...>', 'only these lectures')
    .option('--speaker <name...>', 'only these speakers, by name or label')
    .addOption(new Option('--role <part...>', 'only speakers who have this part in the lecture').choices(SpeakerRoleSchema.options))
    .option('--from <seconds>', 'only passages that end after this second of their recording', parseSeconds)
    .option('--to <seconds>', 'only passages that start before this second of their recording', parseSeconds)
    .option('--budget <milliseconds>', 'how long finding passages may take; stages that would take longer are left out', parseBudget);
}

async function search({ connect, output }: CliContext, question: Question): Promise<ExitCode> {
  const response = await (await connect()).query({ ...question, answer: false });
  output.document(response);
  noteUnheardPhrases(output, response);
  printHits(output, response.hits);
  return EXIT.ok;
}

async function ask({ connect, output }: CliContext, question: Question, follow: boolean): Promise<ExitCode> {
  const api = await connect();
  if (follow) await converse(api, output, question, process.stdin);
  else await askQuestion(api, output, question);
  return EXIT.ok;
}

function toQuestion(words: readonly string[], flags: QueryFlags): Question {
  return {
    question: words.join(' '),
    limit: flags.limit,
    ...(flags.budget === undefined ? {} : { budgetMs: flags.budget }),
    filters: {
      ...(flags.course === undefined ? {} : { courses: flags.course }),
      ...(flags.semester === undefined ? {} : { semesters: flags.semester }),
      ...(flags.lecture === undefined ? {} : { lectureIds: flags.lecture }),
      ...(flags.speaker === undefined ? {} : { speakers: flags.speaker }),
      ...(flags.role === undefined ? {} : { roles: flags.role }),
      ...(flags.from === undefined ? {} : { fromSeconds: flags.from }),
      ...(flags.to === undefined ? {} : { toSeconds: flags.to }),
    },
  };
}

function printHits(output: Output, hits: readonly Hit[]): void {
  if (hits.length === 0) output.line('nothing found');
  for (const hit of hits) {
    output.line(
      `${hit.title ?? hit.lectureId}, ${formatTime(hit.startSeconds)}, ${hit.speakerName ?? hit.speaker ?? 'speaker unknown'}  (${hit.lectureId})`,
    );
    output.line(`  ${hit.text}`);
  }
}

function parseLimit(text: string): number {
  const limit = Number(text);
  if (!Number.isInteger(limit) || limit < 1 || limit > 50) throw new InvalidArgumentError('1 to 50.');
  return limit;
}

function parseBudget(text: string): number {
  const milliseconds = Number(text);
  if (text.trim() === '' || !Number.isInteger(milliseconds) || milliseconds < 0)
    throw new InvalidArgumentError('Whole milliseconds, 0 or more.');
  return milliseconds;
}

function parseSeconds(text: string): number {
  const seconds = Number(text);
  if (text.trim() === '' || !Number.isFinite(seconds) || seconds < 0) throw new InvalidArgumentError('Seconds from the start, 0 or more.');
  return seconds;
}
