import type { Command } from 'commander';
import { openModelStore, toModelStoreOptions, type ModelStore } from '../../inference/models/store.ts';
import type { ModelStatus } from '../../inference/models/local-models.ts';
import type { CliContext, RunAction } from '../context.ts';
import { EXIT, type ExitCode } from '../exit-code.ts';
import { formatBytes, formatTable, type Output } from '../output.ts';

export function addModelsCommand(program: Command, run: RunAction): void {
  const models = program.command('models').description('the models on this machine');
  models
    .command('list')
    .description('which models there are, and which are here')
    .action((_: unknown, command: Command) => run(command, list));
  models
    .command('pull')
    .description('fetch models; all that the default stack needs when none is named')
    .argument('[name...]')
    .action((names: string[], _: unknown, command: Command) => run(command, (context) => pull(context, names)));
  models
    .command('verify')
    .description('check every byte of the models that are here')
    .argument('[name...]')
    .action((names: string[], _: unknown, command: Command) => run(command, (context) => verify(context, names)));
}

function openStore({ config, output }: CliContext): Promise<ModelStore> {
  return openModelStore({ ...toModelStoreOptions(config), onNotice: (message) => output.note(message) });
}

async function list(context: CliContext): Promise<ExitCode> {
  printStatus(context.output, await (await openStore(context)).list());
  return EXIT.ok;
}

/** Fetches what is missing, with progress; all that the default stack needs when `names` is empty. Returns the names. */
export async function pullModels(context: CliContext, names: readonly string[]): Promise<string[]> {
  const store = await openStore(context);
  return store.pull(names, (progress) => showFetch(context.output, progress));
}

async function pull(context: CliContext, names: readonly string[]): Promise<ExitCode> {
  const pulled = await pullModels(context, names);
  context.output.document({ models: pulled });
  for (const name of pulled) context.output.line(`${name}: here and verified`);
  return EXIT.ok;
}

async function verify(context: CliContext, names: readonly string[]): Promise<ExitCode> {
  const found = await (await openStore(context)).verify(names);
  printStatus(context.output, found);
  // One that is optional and absent is no fault; one that is wrong is.
  const isFault = ({ optional, files }: ModelStatus): boolean =>
    files.some(({ state }) => state === 'corrupt' || (state === 'missing' && (!optional || names.length > 0)));
  return found.some(isFault) ? EXIT.failed : EXIT.ok;
}

/** One line that is rewritten, or a line each tenth without a terminal. */
function showFetch(output: Output, { file, doneBytes, totalBytes }: { file: string; doneBytes: number; totalBytes: number }): void {
  const percent = totalBytes === 0 ? 100 : Math.floor((doneBytes / totalBytes) * 100);
  output.progress(
    `fetching ${file}: ${percent} % (${formatBytes(doneBytes)} of ${formatBytes(totalBytes)})`,
    `${file} ${Math.floor(percent / 10)}`,
  );
}

function printStatus(output: Output, models: readonly ModelStatus[]): void {
  output.document({ models });
  const rows = models.map(({ name, files, licence, description, optional }) => {
    const states = new Set(files.map(({ state }) => state));
    const state = states.has('corrupt') ? 'corrupt' : states.has('missing') ? 'missing' : 'here';
    const bytes = files.reduce((sum, file) => sum + file.bytes, 0);
    return [name, optional && state === 'missing' ? 'optional' : state, formatBytes(bytes), licence, description];
  });
  output.line(formatTable(['MODEL', 'STATE', 'SIZE', 'LICENCE', 'WHAT'], rows));
}
