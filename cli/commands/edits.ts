import { readFile } from 'node:fs/promises';
import { text as readAll } from 'node:stream/consumers';
import type { Command } from 'commander';
import { EditSchema, type EditAccepted, type RevisionChange, type RevisionSummary } from '../../contracts/edits.ts';
import { LecternError } from '../../contracts/errors.ts';
import { TranscriptViewSchema } from '../../contracts/api.ts';
import type { CliContext, RunAction } from '../context.ts';
import { EXIT, type ExitCode } from '../exit-code.ts';
import { findPhrase } from '../find-phrase.ts';
import { formatTable, formatTime } from '../output.ts';

/** Who changed what in a transcript, and the ways to change and to restore it. */
export function addEditsCommand(program: Command, run: RunAction): void {
  const edits = program.command('edits').description('edit transcripts; list, compare and restore their revisions');
  edits
    .command('list')
    .description('revisions of a transcript, the newest first')
    .argument('<lecture-id>')
    .action((lectureId: string, _flags: object, command: Command) => run(command, (context) => list(context, lectureId)));
  edits
    .command('show')
    .description('one revision: who made it, when, and what was done')
    .argument('<lecture-id>')
    .argument('<revision>', 'its number', toNumber)
    .action((lectureId: string, number: number, _flags: object, command: Command) =>
      run(command, (context) => show(context, lectureId, number)),
    );
  edits
    .command('diff')
    .description('what a revision says otherwise than the one before it, or another one')
    .argument('<lecture-id>')
    .argument('<revision>', 'its number', toNumber)
    .option('--against <revision>', 'the one to compare with', toNumber)
    .action((lectureId: string, number: number, flags: { against?: number }, command: Command) =>
      run(command, (context) => diff(context, lectureId, number, flags.against)),
    );
  edits
    .command('restore')
    .description('make an earlier revision the newest; what came after it stays, to be restored in turn')
    .argument('<lecture-id>')
    .argument('<revision>', 'its number', toNumber)
    .action((lectureId: string, number: number, _flags: object, command: Command) =>
      run(command, async ({ connect, output }) => tell(output, await (await connect()).restoreRevision(lectureId, number))),
    );
  edits
    .command('apply')
    .description('do the operations of a JSON file, {"baseRevision": 3, "operations": [...]}; `/openapi.json` describes them')
    .argument('<lecture-id>')
    .argument('<file>', 'the file; - reads standard input')
    .action((lectureId: string, file: string, _flags: object, command: Command) =>
      run(command, async ({ connect, output }) => tell(output, await (await connect()).editTranscript(lectureId, await readEdit(file)))),
    );
  edits
    .command('replace')
    .description('replace a word or phrase wherever the transcript has it, whatever its case and punctuation')
    .argument('<lecture-id>')
    .argument('<phrase>')
    .argument('<replacement>', 'in its place; "" takes the phrase out')
    .action((lectureId: string, phrase: string, replacement: string, _flags: object, command: Command) =>
      run(command, (context) => replace(context, lectureId, phrase, replacement)),
    );
}

async function list({ connect, output }: CliContext, lectureId: string): Promise<ExitCode> {
  const found = await (await connect()).listRevisions(lectureId);
  output.document(found);
  const rows = found.revisions.map(({ number, at, author, kind, summary }) => [
    `${number}${number === found.published ? ' (found by search)' : ''}`,
    at,
    author?.name ?? '',
    kind,
    describe(summary),
  ]);
  output.line(formatTable(['REVISION', 'MADE', 'BY', 'KIND', 'CHANGES'], rows));
  return EXIT.ok;
}

async function show({ connect, output }: CliContext, lectureId: string, number: number): Promise<ExitCode> {
  const revision = await (await connect()).getRevision(lectureId, number);
  output.document(revision);
  output.line(
    `revision ${revision.number}, ${revision.kind}, ${revision.at}${revision.author === null ? '' : `, by ${revision.author.name}`}`,
  );
  output.line(describe(revision.summary));
  const { origin } = revision;
  if (origin.kind === 'restore') output.line(`restores revision ${origin.of}`);
  if (origin.kind === 'machine' && origin.editsLost > 0) output.line(`${origin.editsLost} edits found no place in it`);
  if (origin.kind === 'edit') for (const operation of origin.operations) output.line(JSON.stringify(operation));
  return EXIT.ok;
}

async function diff({ connect, output }: CliContext, lectureId: string, number: number, against?: number): Promise<ExitCode> {
  const found = await (await connect()).diffRevisions(lectureId, number, against);
  output.document(found);
  output.line(`revision ${found.number} against ${found.against}: ${describe(found.summary)}`);
  for (const change of found.changes) output.line(describeChange(change));
  return EXIT.ok;
}

async function replace({ connect, output }: CliContext, lectureId: string, phrase: string, replacement: string): Promise<ExitCode> {
  const api = await connect();
  const { revision, turns } = TranscriptViewSchema.parse(JSON.parse(await api.getTranscript(lectureId, 'json')));
  const operations = findPhrase(turns, phrase, replacement);
  if (operations.length === 0) throw new LecternError('not-found', `nobody says ${JSON.stringify(phrase)} in this lecture`);
  return tell(output, await api.editTranscript(lectureId, { baseRevision: revision, operations }));
}

async function readEdit(file: string): Promise<unknown> {
  const content = file === '-' ? await readAll(process.stdin) : await readFile(file, 'utf8').catch(() => null);
  if (content === null) throw new LecternError('not-found', `there is no file ${file}`);
  try {
    return EditSchema.parse(JSON.parse(content));
  } catch (error) {
    throw new LecternError('invalid-input', `${file} is not an edit`, {
      cure: 'It looks like {"baseRevision": 1, "operations": [{"kind": "replaceWords", "turn": 0, "from": 3, "to": 4, "texts": ["Noether"]}]}.',
      cause: error,
    });
  }
}

const PUBLICATIONS = {
  done: 'search finds it',
  running: 'search finds it in a moment',
  waiting: 'search finds it as soon as Temporal is back',
} as const;

function tell(output: CliContext['output'], accepted: EditAccepted): ExitCode {
  output.document(accepted);
  output.line(`revision ${accepted.revision.number}: ${describe(accepted.revision.summary)}; ${PUBLICATIONS[accepted.publication]}`);
  return EXIT.ok;
}

function describe({ wordsAdded, wordsRemoved, wordsReassigned, turns, speakersRenamed }: RevisionSummary): string {
  const parts = [
    wordsAdded + wordsRemoved > 0 ? `+${wordsAdded} -${wordsRemoved} words` : '',
    wordsReassigned > 0 ? `${wordsReassigned} words of another speaker` : '',
    turns === 0 ? '' : `${turns > 0 ? '+' : ''}${turns} turns`,
    speakersRenamed > 0 ? `${speakersRenamed} names` : '',
  ].filter((part) => part !== '');
  return parts.length === 0 ? 'nothing changed' : parts.join(', ');
}

function describeChange(change: RevisionChange): string {
  if (change.kind === 'name') return `${change.speaker}: ${change.before ?? 'no name'} -> ${change.after ?? 'no name'}`;
  const at = formatTime(change.startSeconds);
  if (change.kind === 'speaker') return `${at}  ${change.words} words: ${change.before ?? 'unknown'} -> ${change.after ?? 'unknown'}`;
  return `${at}  ${change.removed === '' ? '' : `-[${change.removed}]`}${change.added === '' ? '' : `+[${change.added}]`}`;
}

function toNumber(text: string): number {
  return Number.parseInt(text, 10);
}
