import { execFile } from 'node:child_process';
import { access, mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { parseConfig } from '../../contracts/config.ts';
import { openLlamaCppLanguageModel, type LlamaCppLanguageModel } from '../../inference/llama-cpp/llama-cpp-language-model.ts';
import { loadLlamaLibrary } from '../../inference/llama-cpp/llama-cpp-library.ts';
import { openModelStore, toModelStoreOptions } from '../../inference/models/store.ts';

const run = promisify(execFile);

/** Pinned: what the model writes is part of what the tests assert. */
const LIBRARY = 'node-llama-cpp';
const VERSION = '3.22.1';
const MODEL = 'gemma3-270m';

/** The build for the CPU alone: those for cards are 600 MB, and none is used here. */
const BINARIES: Record<string, string> = {
  'linux-x64': 'linux-x64',
  'linux-arm64': 'linux-arm64',
  'darwin-arm64': 'mac-arm64-metal',
  'darwin-x64': 'mac-x64',
};

export interface SmallModelFiles {
  /** Folder below whose `node_modules` node-llama-cpp is. */
  libraryFolder: string;
  modelPath: string;
}

/** Gemma 3 270M and the library that runs it, fetched once into the cache; or why they cannot be had on this machine. */
export async function ensureSmallLanguageModel(report: (line: string) => void = () => undefined): Promise<SmallModelFiles | string> {
  const config = parseConfig(process.env);
  try {
    const libraryFolder = await ensureLibrary(config.LECTERN_CACHE, config.LECTERN_OFFLINE, report);
    const store = await openModelStore({ ...toModelStoreOptions(config), onNotice: report });
    return { libraryFolder, modelPath: (await store.ensure(MODEL)).path('model.gguf') };
  } catch (error) {
    return `the small language model cannot be had: ${error instanceof Error ? error.message : String(error)}`;
  }
}

/** One thread: on a machine that is busy with other tests, two would wait for each other at each layer. */
export async function openSmallLanguageModel({ libraryFolder, modelPath }: SmallModelFiles): Promise<LlamaCppLanguageModel> {
  const library = await loadLlamaLibrary(libraryFolder);
  return openLlamaCppLanguageModel({ library, modelPath, modelName: MODEL, threads: 1 });
}

async function ensureLibrary(cacheDir: string, offline: boolean, report: (line: string) => void): Promise<string> {
  const folder = join(cacheDir, 'node-llama-cpp', VERSION);
  if (await exists(folder)) return folder;
  const binary = BINARIES[`${process.platform}-${process.arch}`];
  if (binary === undefined) throw new Error(`${LIBRARY} has no build for ${process.platform}-${process.arch}`);
  if (offline) throw new Error(`${LIBRARY} is not installed, and LECTERN_OFFLINE is set`);
  report(`installing ${LIBRARY} ${VERSION} for the CPU (85 MB) into ${folder}`);
  const making = `${folder}.${process.pid}`;
  try {
    await mkdir(making, { recursive: true });
    await writeFile(join(making, 'package.json'), '{"private":true}');
    const packages = [`${LIBRARY}@${VERSION}`, `@node-llama-cpp/${binary}@${VERSION}`];
    // Without the optional packages, which are the builds for all platforms and cards; without scripts, which would compile.
    await run(
      'npm',
      ['install', '--no-save', '--omit=optional', '--omit=peer', '--ignore-scripts', '--no-audit', '--no-fund', ...packages],
      {
        cwd: making,
      },
    );
    await rename(making, folder).catch(async (error: unknown) => {
      // Another test process was faster; its folder is as good.
      if (!(await exists(folder))) throw error;
    });
  } finally {
    await rm(making, { recursive: true, force: true });
  }
  return folder;
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
