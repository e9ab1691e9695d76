import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { LecternError, toLecternError } from '../../contracts/errors.ts';
import { findOnPath } from './find-on-path.ts';
import { buildWithGo } from './go-install.ts';
import { runToEnd } from './run-to-end.ts';
import { downloadThroughSdk } from './sdk-download.ts';
import { timedStep } from './timed-step.ts';

export interface TemporalBinary {
  path: string;
  /** As `temporal --version` says it, e.g. `1.29.1`. */
  serverVersion: string;
}

export interface FindTemporalOptions {
  cacheDir: string;
  offline: boolean;
  /** The `PATH` to look in. */
  searchPath: string | undefined;
  report: (line: string) => void;
}

/** Priority and fairness came with this server; an older one would silently ignore them. */
const OLDEST_SERVER = [1, 29] as const;
/** The newest release that `go install` can build: later ones have a local `replace` in their go.mod. */
const MODULE = 'github.com/temporalio/cli/cmd/temporal@v1.5.1';
const VERSION_TIMEOUT_MS = 20_000;

/**
 * The Temporal development server to run: on the path; cached; the SDK's download; built with Go. Whatever was fetched or built is
 * kept in `<cacheDir>/bin/temporal`. Errors: `unavailable`, with what each way said and what to install.
 */
export async function findTemporalBinary(options: FindTemporalOptions): Promise<TemporalBinary> {
  const { cacheDir, report } = options;
  const cached = join(cacheDir, 'bin', 'temporal');
  const onPath = await findOnPath('temporal', options.searchPath);
  for (const path of onPath === undefined ? [cached] : [onPath, cached]) {
    const binary = await inspect(path);
    if (typeof binary !== 'string') return binary;
    if (path === onPath) report(`Temporal on the path is passed over: ${binary}`);
  }
  if (options.offline) throw noServer(['LECTERN_OFFLINE=1 forbids to fetch or build one']);

  await mkdir(join(cacheDir, 'bin'), { recursive: true });
  const ways: [string, (destination: string) => Promise<void>][] = [
    ["Temporal server: downloading it through Temporal's SDK (60 MB, at most 3 minutes)", downloadThroughSdk],
    [
      'Temporal server: building it with `go install` (once, 4 to 11 minutes on two cores)',
      (destination) => buildWithGo(MODULE, destination),
    ],
  ];
  const complaints: string[] = [];
  for (const [what, fetch] of ways) {
    try {
      await timedStep(report, what, () => fetch(cached));
      const binary = await inspect(cached);
      if (typeof binary !== 'string') return binary;
      complaints.push(binary);
    } catch (error) {
      complaints.push(firstLines(toLecternError(error).message));
      report(`  ${complaints.at(-1)}`);
    }
  }
  throw noServer(complaints);
}

/** The binary, or in words why it is none that can be used. */
async function inspect(path: string): Promise<TemporalBinary | string> {
  let said: string;
  try {
    said = await runToEnd(path, ['--version'], { timeoutMs: VERSION_TIMEOUT_MS });
  } catch (error) {
    return toLecternError(error).message;
  }
  const version = /Server (\d+)\.(\d+)\.(\d+)/.exec(said);
  if (version === null) return `${path} does not say which server it holds: ${said.trim()}`;
  const [major, minor] = [Number(version[1]), Number(version[2])];
  if (major < OLDEST_SERVER[0] || (major === OLDEST_SERVER[0] && minor < OLDEST_SERVER[1])) {
    return `${path} holds server ${major}.${minor}; priority and fairness need ${OLDEST_SERVER.join('.')} or newer`;
  }
  return { path, serverVersion: version.slice(1).join('.') };
}

function noServer(complaints: readonly string[]): LecternError {
  return new LecternError('unavailable', `no Temporal server was found: ${complaints.join('; ')}`, {
    cure: 'Install the Temporal CLI (https://docs.temporal.io/cli) or Go 1.24 or newer, or set TEMPORAL_ADDRESS to a running server.',
  });
}

function firstLines(text: string): string {
  return text.split('\n').slice(0, 3).join(' ').slice(0, 400);
}
