import type { Command } from 'commander';
import { PUBLISHED_WER_SOURCE } from '../../inference/models/catalogue.ts';
import type { OnFetchProgress } from '../../inference/models/model-source.ts';
import { openModelStore, toModelStoreOptions, type ModelStore } from '../../inference/models/store.ts';
import type { ModelStatus } from '../../inference/models/local-models.ts';
import { isModelFolder } from '../../inference/models/model-folder.ts';
import { findSpeechModel } from '../../inference/models/speech-model.ts';
import { ensureWhisperGraphs } from '../../inference/whisper/ensure-graphs.ts';
import { findFfmpeg } from '../../media/find-ffmpeg.ts';
import type { CliContext, RunAction } from '../context.ts';
import { EXIT, type ExitCode } from '../exit-code.ts';
import { formatBytes, formatTable, type Output } from '../output.ts';
import { readMeasuredModels } from './measured-models.ts';
import { renderModelList, stateOf, toListedModel } from './model-tables.ts';

export function addModelsCommand(program: Command, run: RunAction): void {
  const models = program.command('models').description('the models on this machine');
  models
    .command('list')
    .description('which models there are, what they are worth, which are here and which one transcribes')
    .action((_: unknown, command: Command) => run(command, list));
  models
    .command('pull')
    .description('fetch models; all that the configured stack needs when none is named')
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
  const { config, output } = context;
  const measured = await readMeasuredModels();
  const statuses = await (await openStore(context)).list();
  const models = statuses.map((status) => toListedModel(status, measured, config.LECTERN_ASR_MODEL));
  output.document({ speechModel: config.LECTERN_ASR_MODEL, models, measuredOn: { ...measured, models: undefined } });
  output.line(renderModelList(models, measured, PUBLISHED_WER_SOURCE));
  if (isModelFolder(config.LECTERN_ASR_MODEL)) output.line(`LECTERN_ASR_MODEL: the folder ${config.LECTERN_ASR_MODEL} transcribes`);
  return EXIT.ok;
}

/**
 * Fetches what a stack of this configuration needs; a model folder is made ready here, where whoever started sees what is wrong with
 * it. Gives the names of what was fetched.
 */
async function pullNeeded({ config, output }: CliContext, store: ModelStore): Promise<string[]> {
  const show: OnFetchProgress = (progress) => showFetch(output, progress);
  const choice = config.LECTERN_ASR_MODEL;
  const speechModel = await findSpeechModel(choice, store, show);
  if (isModelFolder(choice) && config.LECTERN_DEVICE === 'cpu') {
    output.note(`making ${choice} ready; the first time, a large model takes minutes`);
    await ensureWhisperGraphs(speechModel, config.LECTERN_CACHE, 'int8');
  }
  const others = (await store.list()).filter(({ optional, speech }) => !optional && speech === undefined).map(({ name }) => name);
  return store.pull(isModelFolder(choice) ? others : [choice, ...others], show);
}

/**
 * Fetches, with progress, what the stack's processes need: they have no terminal to show how far a download is. ffmpeg comes
 * along only where the system has none that works.
 */
export async function fetchDefaults(context: CliContext): Promise<void> {
  const store = await openStore(context);
  await pullNeeded(context, store);
  const show: OnFetchProgress = (progress) => showFetch(context.output, progress);
  await findFfmpeg({ bundled: async () => (await store.ensure('ffmpeg', show)).path('ffmpeg') });
}

async function pull(context: CliContext, names: readonly string[]): Promise<ExitCode> {
  const store = await openStore(context);
  const pulled =
    names.length === 0 ? await pullNeeded(context, store) : await store.pull(names, (progress) => showFetch(context.output, progress));
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
  const rows = models.map((model) => {
    const { name, files, licence, description } = model;
    const bytes = files.reduce((sum, file) => sum + file.bytes, 0);
    return [name, stateOf(model), formatBytes(bytes), licence, description];
  });
  output.line(formatTable(['MODEL', 'STATE', 'SIZE', 'LICENCE', 'WHAT'], rows));
}
