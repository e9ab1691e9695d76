import { join } from 'node:path';
import type { Command } from 'commander';
import { toLecternError } from '../../contracts/errors.ts';
import { isModelFolder } from '../../inference/models/model-folder.ts';
import { findSpeechModel } from '../../inference/models/speech-model.ts';
import { openModelStore, toModelStoreOptions } from '../../inference/models/store.ts';
import { findBgeM3 } from '../../inference/text/onnx-bge-m3.ts';
import { findFfmpeg } from '../../media/find-ffmpeg.ts';
import type { CliContext, RunAction } from '../context.ts';
import { findOnPath } from '../embedded/find-on-path.ts';
import { EXIT, type ExitCode } from '../exit-code.ts';
import { checkDisk, checkPorts, isAnswering, type Finding } from './machine-checks.ts';

export function addDoctorCommand(program: Command, run: RunAction): void {
  program
    .command('doctor')
    .description('check what Lectern needs on this machine, with a cure for each fault')
    .action((_: unknown, command: Command) => run(command, examine));
}

async function examine(context: CliContext): Promise<ExitCode> {
  const checks = [
    checkFfmpeg(context),
    checkTemporal(context),
    checkModels(context),
    checkSpeechModel(context),
    checkEmbedder(context),
    checkStack(context),
    checkDisk(context.config),
  ];
  const findings = [checkNode(), ...(await Promise.all(checks)).flat()];
  context.output.document({ findings });
  for (const { check, state, found, cure } of findings) {
    context.output.line(`${state.padEnd(8)} ${check}: ${found}`);
    if (cure !== undefined) context.output.line(`         ${cure}`);
  }
  return findings.some(({ state }) => state === 'missing') ? EXIT.failed : EXIT.ok;
}

function checkNode(): Finding {
  const [major = 0] = process.versions.node.split('.').map(Number);
  if (major >= 24) return { check: 'node', state: 'ok', found: process.version };
  return {
    check: 'node',
    state: 'missing',
    found: process.version,
    cure: 'Run through npm (`npm run -s lectern -- ...`), which brings Node 24.',
  };
}

async function checkFfmpeg({ config }: CliContext): Promise<Finding[]> {
  // Looks only: whatever is not here yet is fetched when it is needed, not by a check.
  const store = await openModelStore({ ...toModelStoreOptions(config), offline: true });
  try {
    const { path, version } = await findFfmpeg({ bundled: async () => (await store.ensure('ffmpeg')).path('ffmpeg') });
    return [{ check: 'ffmpeg', state: 'ok', found: `${version} at ${path}` }];
  } catch {
    if (config.LECTERN_OFFLINE) {
      return [
        {
          check: 'ffmpeg',
          state: 'missing',
          found: 'neither on the path nor among the models',
          cure: 'Install ffmpeg, or unset LECTERN_OFFLINE.',
        },
      ];
    }
    const found = 'not here; a packaged one is fetched at the first start';
    return [{ check: 'ffmpeg', state: 'note', found, cure: '`lectern models pull ffmpeg` fetches it now.' }];
  }
}

async function checkTemporal({ config, searchPath }: CliContext): Promise<Finding[]> {
  if (config.TEMPORAL_ADDRESS !== undefined) {
    const [host = '', port = '7233'] = config.TEMPORAL_ADDRESS.split(':');
    const answers = await isAnswering(host, Number(port));
    const found = `${config.TEMPORAL_ADDRESS} ${answers ? 'answers' : 'does not answer'}`;
    return [
      {
        check: 'temporal',
        state: answers ? 'ok' : 'missing',
        found,
        ...(answers ? {} : { cure: 'Start that server, or unset TEMPORAL_ADDRESS.' }),
      },
    ];
  }
  const path = (await findOnPath('temporal', searchPath)) ?? (await findOnPath('temporal', join(config.LECTERN_CACHE, 'bin')));
  if (path !== undefined) return [{ check: 'temporal', state: 'ok', found: path }];
  const go = await findOnPath('go', searchPath);
  const isLost = config.LECTERN_OFFLINE;
  return [
    {
      check: 'temporal',
      state: isLost ? 'missing' : 'note',
      found: `not here${isLost ? '' : '; the first start downloads a server'}${go === undefined ? '' : `, or builds one with ${go}`}`,
      cure: 'Install the Temporal CLI, or Go 1.24 or newer.',
    },
  ];
}

async function checkModels({ config, searchPath }: CliContext): Promise<Finding[]> {
  const store = await openModelStore(toModelStoreOptions(config));
  const choice = config.LECTERN_ASR_MODEL;
  const wanted = (await store.list()).filter(({ name, optional, speech }) => (speech === undefined ? !optional : name === choice));
  const lacking = wanted.filter(({ files }) => files.some(({ state }) => state !== 'present')).map(({ name }) => name);
  if (lacking.length === 0) return [{ check: 'models', state: 'ok', found: `${wanted.length} here` }];
  const found = `not here: ${lacking.join(', ')}`;
  const models: Finding = {
    check: 'models',
    state: config.LECTERN_OFFLINE ? 'missing' : 'note',
    found,
    cure: '`lectern models pull` fetches them.',
  };
  const python = await findOnPath('python3', searchPath);
  const wheels: Finding =
    python === undefined
      ? {
          check: 'python3',
          state: 'note',
          found: 'not on the path; models cannot come from wheels',
          cure: 'Install python3 with pip if the model hub is out of reach.',
        }
      : { check: 'python3', state: 'ok', found: `${python}, for wheels where the hub is out of reach` };
  return [models, wheels];
}

/** A model that is only not fetched yet is told with the other models. */
async function checkSpeechModel({ config }: CliContext): Promise<Finding[]> {
  const choice = config.LECTERN_ASR_MODEL;
  const store = await openModelStore({ ...toModelStoreOptions(config), offline: true });
  try {
    const { identity } = await findSpeechModel(choice, store);
    return isModelFolder(choice)
      ? [{ check: 'speech model', state: 'ok', found: `${identity.name} (${identity.revision}) in ${choice}` }]
      : [];
  } catch (error) {
    const { kind, message, cure } = toLecternError(error);
    const isNotFetched = kind === 'model-missing' && !isModelFolder(choice);
    return isNotFetched ? [] : [{ check: 'speech model', state: 'missing', found: message, ...(cure !== undefined && { cure }) }];
  }
}

async function checkEmbedder({ config }: CliContext): Promise<Finding[]> {
  const choice = config.LECTERN_EMBEDDER;
  if (!isModelFolder(choice)) return [];
  try {
    const { identity } = (await findBgeM3(choice)).model;
    return [{ check: 'embedder', state: 'ok', found: `${identity.name} (${identity.revision}) in ${choice}` }];
  } catch (error) {
    const { message, cure } = toLecternError(error);
    return [{ check: 'embedder', state: 'missing', found: message, ...(cure !== undefined && { cure }) }];
  }
}

async function checkStack({ config, connect }: CliContext): Promise<Finding[]> {
  try {
    const api = await connect();
    await api.listLectures({ limit: 1 });
    return [{ check: 'api', state: 'ok', found: `answers at ${api.url}` }];
  } catch (error) {
    const { message } = toLecternError(error);
    const stopped: Finding = { check: 'api', state: 'note', found: message, cure: '`npm start` starts it.' };
    return [stopped, ...(await checkPorts(config))];
  }
}
