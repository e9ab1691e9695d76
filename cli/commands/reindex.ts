import { readFile } from 'node:fs/promises';
import type { Command } from 'commander';
import { LecternError } from '../../contracts/errors.ts';
import { EvaluationQuestionSchema, type EvaluationSet, type ReindexView } from '../../contracts/reindex.ts';
import type { CliContext, RunAction } from '../context.ts';
import { EXIT, type ExitCode } from '../exit-code.ts';
import { formatTable, formatTime, type Output } from '../output.ts';

const QUESTIONS_HELP = `
A file as \`lectern eval\` takes it, one question a line; those with ground_truth_contexts measure the search of the semester.
Without a file: shows what is registered. An empty file: the semester is measured no more.`;

/** Re-indexes that schedules have started: progress, and what becomes of them. */
export function addReindexCommand(program: Command, run: RunAction): void {
  const reindex = program
    .command('reindex')
    .description('re-indexes of semesters: list them or show one; let readers see it, drop it, roll it back')
    .argument('[id]', 'show this one with its progress')
    .action((id: string | undefined, _: unknown, command: Command) =>
      run(command, (context) => (id === undefined ? listReindexes(context) : showReindex(context, id))),
    );
  for (const [name, about] of [
    ['swap', 'let readers see what is held, all lectures at one moment'],
    ['drop', 'drop what is held, or stop one that runs; readers keep what they see'],
    ['rollback', 'back to what was there before the swap, at one moment'],
  ] as const) {
    reindex
      .command(name)
      .description(about)
      .argument('<id>')
      .action((id: string, _: unknown, command: Command) =>
        run(command, async ({ connect, output }) => {
          describeReindex(await (await connect()).changeReindex(id, name), output);
          return EXIT.ok;
        }),
      );
  }
  reindex
    .command('questions')
    .description('the questions by which the search of a semester is measured before and after')
    .argument('<semester>')
    .argument('[file]', 'JSON lines that replace them')
    .addHelpText('after', QUESTIONS_HELP)
    .action((semester: string, file: string | undefined, _: unknown, command: Command) =>
      run(command, async ({ connect, output }) => {
        const api = await connect();
        const set = await (file === undefined
          ? api.getEvaluationQuestions(semester)
          : api.replaceEvaluationQuestions(semester, await readQuestions(file)));
        output.document(set);
        output.line(`${set.questions.length} questions measure ${semester}`);
        return EXIT.ok;
      }),
    );
}

async function listReindexes({ connect, output }: CliContext): Promise<ExitCode> {
  const list = await (await connect()).listReindexes();
  output.document(list);
  const rows = list.reindexes.map(({ reindexId, isRunning, startedAt }) => [isRunning ? 'running' : 'ended', startedAt, reindexId]);
  output.line(rows.length === 0 ? 'no re-indexes yet' : formatTable(['STATE', 'STARTED', 'RE-INDEX'], rows));
  return EXIT.ok;
}

async function showReindex({ connect, output }: CliContext, id: string): Promise<ExitCode> {
  describeReindex(await (await connect()).getReindex(id), output);
  return EXIT.ok;
}

function describeReindex(reindex: ReindexView, output: Output): void {
  output.document(reindex);
  output.line(`${reindex.reindexId}  ${reindex.state}`);
  for (const line of describeProgress(reindex)) output.line(`  ${line}`);
  if (reindex.rolledBack) output.line(`  rolled back ${reindex.rolledBack.moved} lectures, ${reindex.rolledBack.left} had changed since`);
  if (reindex.canRollBack) output.line(`  back with: lectern reindex rollback ${reindex.reindexId}`);
}

function describeProgress({ reindexId, state, progress }: ReindexView): string[] {
  if (progress === undefined) return [];
  const { lectures, staged, unchanged, gone, failed, remainingSeconds, evaluation, heldBecause, swapped, left } = progress;
  const done = staged + unchanged + gone + failed;
  const remaining = state === 'running' && remainingSeconds !== null ? `, about ${formatTime(remainingSeconds)} left` : '';
  const lines = [`${done} of ${lectures} lectures: ${staged} new, ${unchanged} unchanged, ${gone} gone, ${failed} failed${remaining}`];
  if (evaluation !== null) {
    const { questions, before, after } = evaluation;
    const figures = ({ ndcg10, hitRate }: typeof before): string => `nDCG@10 ${ndcg10.toFixed(3)}, hits ${(100 * hitRate).toFixed(0)} %`;
    lines.push(`${questions} questions: ${figures(before)} before; ${figures(after)} after`);
  } else if (state !== 'running' && state !== 'unchanged') {
    lines.push('not measured: register questions with `lectern reindex questions`');
  }
  if (state === 'held') lines.push(`held: ${heldBecause ?? ''}; decide with: lectern reindex swap|drop ${reindexId}`);
  if (swapped !== undefined) lines.push(`swapped ${swapped} lectures, ${left ?? 0} had changed meanwhile`);
  return lines;
}

async function readQuestions(path: string): Promise<EvaluationSet> {
  const text = await readFile(path, 'utf8').catch((cause: unknown) => {
    throw new LecternError('not-found', `${path} cannot be read`, { cause, cure: 'Name a file of JSON lines.' });
  });
  const lines = text.split('\n').map((line, index) => ({ line, where: `${path}:${index + 1}` }));
  return { questions: lines.filter(({ line }) => line.trim() !== '').map(({ line, where }) => toQuestion(line, where)) };
}

function toQuestion(line: string, where: string): EvaluationSet['questions'][number] {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch (cause) {
    throw new LecternError('invalid-input', `${where} is not JSON`, { cause });
  }
  const parsed = EvaluationQuestionSchema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new LecternError('invalid-input', `${where} is not a question: ${parsed.error.issues[0]?.path.join('.') ?? ''}`);
}
