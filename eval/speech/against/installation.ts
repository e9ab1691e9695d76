import { execFile } from 'node:child_process';
import { access, mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { LecternError } from '../../../contracts/errors.ts';

const run = promisify(execFile);
/** Far above what pip and npm print. */
const MAX_OUTPUT_BYTES = 2 ** 26;

/** The Python of an environment below `cacheDir` with these packages and no others, made at first. Needs `python3` and a package registry then. */
export async function ensurePythonPackages(
  requirements: readonly string[],
  cacheDir: string,
  note: (line: string) => void,
): Promise<string> {
  const folder = join(cacheDir, 'peers', folderNameOf(requirements));
  const python = join(folder, 'bin', 'python');
  await makeOnce(folder, requirements.join(' '), note, async () => {
    await run('python3', ['-m', 'venv', folder]);
    await run(python, ['-m', 'pip', 'install', '--quiet', ...requirements], { maxBuffer: MAX_OUTPUT_BYTES });
  });
  return python;
}

/**
 * The folder below `cacheDir` in whose `node_modules` these packages and no others are, made at first: a peer is never a dependency
 * of this project. No script of theirs is run. Needs `npm` and a package registry then.
 */
export async function ensureNpmPackages(
  requirements: readonly string[],
  flags: readonly string[],
  cacheDir: string,
  note: (line: string) => void,
): Promise<string> {
  const folder = join(cacheDir, 'peers', folderNameOf(requirements));
  await makeOnce(folder, requirements.join(' '), note, async () => {
    const quiet = ['--no-audit', '--no-fund', '--ignore-scripts', '--prefix', folder];
    await run('npm', ['install', ...quiet, ...flags, ...requirements], { cwd: folder, maxBuffer: MAX_OUTPUT_BYTES });
  });
  return folder;
}

/** `@scope/name@1.0 other==2` in the letters of a file name. */
export function folderNameOf(requirements: readonly string[]): string {
  return (requirements[0] ?? '').replace(/^@/, '').replaceAll(/[^\w.]+/g, '-');
}

/** Makes a folder, unless that was done before. What was cut off starts afresh. Throws `unavailable` where it does not succeed. */
export async function makeOnce(folder: string, what: string, note: (line: string) => void, make: () => Promise<void>): Promise<void> {
  // Written last: without it the making was cut off.
  const complete = join(folder, 'complete');
  if (await exists(complete)) return;
  note(`making ${folder}, for this comparison only: ${what}`);
  try {
    await rm(folder, { recursive: true, force: true });
    await mkdir(folder, { recursive: true });
    await make();
    await writeFile(complete, '');
  } catch (cause) {
    if (cause instanceof LecternError) throw cause;
    throw new LecternError('unavailable', `${what} could not be made: ${String(cause).slice(-1000)}`, {
      cause,
      cure: 'Check python3 with its venv module, npm and the package registries; the next run starts afresh.',
    });
  }
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
