import { mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { LecternError } from '../../contracts/errors.ts';
import { findOnPath } from './find-on-path.ts';
import { runToEnd } from './run-to-end.ts';

/** A server takes four to eleven minutes on two cores; a machine that needs more than this is stuck. */
const TIMEOUT_MS = 40 * 60_000;

/**
 * Builds a Go program from source and moves it to `destination` when it is whole. `module` ends with the program's name and its
 * version: `example.org/tools/cmd/tool@v1.2.3`. Errors: `unavailable`.
 */
export async function buildWithGo(module: string, destination: string): Promise<void> {
  const name = module.slice(module.lastIndexOf('/') + 1, module.lastIndexOf('@'));
  const go = await findOnPath('go', process.env['PATH']);
  if (go === undefined) throw new LecternError('unavailable', `no \`go\` on the path to build ${name} with`);
  await mkdir(dirname(destination), { recursive: true });
  const folder = await mkdtemp(join(dirname(destination), 'go-install-'));
  try {
    await runToEnd(go, ['install', module], { timeoutMs: TIMEOUT_MS, env: { GOBIN: folder } });
    await rename(join(folder, name), destination);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
