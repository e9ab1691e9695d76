import type { Command } from 'commander';
import type { OnFetchProgress } from '../../inference/models/model-source.ts';
import { openModelStore, toModelStoreOptions, type ModelStore } from '../../inference/models/store.ts';
import type { ModelStatus } from '../../inference/models/local-models.ts';
import { findFfmpeg } from '../../media/find-ffmpeg.ts';
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

/**
 * Fetches, with progress, what the stack's processes need: they have no terminal to show how far a download is. ffmpeg comes
 * along only where the system has none that works.
 */
export async function fetchDefaults(context: CliContext): Promise<void> {
  const store = await openStore(context);
  const show: OnFetchProgress = (progress) => showFetch(context.output, progress);
  await store.pull([], show);
  await findFfmpeg({ bundled: async () => (await store.ensure('ffmpeg', show)).path('ffmpeg') });
}

async function pull(context: CliContext, names: readonly string[]): Promise<ExitCode> {
  const store = await openStore(context);
  const pulled = await store.pull(names, (progress) => showFetch(context.output, progress));
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
function showFetch(output: Output, { file, doneBytes, totalBytes }: Parameters<OnFetchProgress>[0]): void {
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
