import { mkdtemp, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { findOnPath } from './find-on-path.ts';
import { runToEnd } from './run-to-end.ts';
import { LecternError } from '../../contracts/errors.ts';

/** The newest release that `go install` can build: later ones have a local `replace` in their go.mod. */
const MODULE = 'github.com/temporalio/cli/cmd/temporal@v1.5.1';

/** Four to eleven minutes on two cores; a machine that needs more than half an hour is stuck. */
const TIMEOUT_MS = 30 * 60_000;

/** Builds the Temporal server from source with the Go tools and moves it to `destination`. Errors: `unavailable`. */
export async function buildWithGo(destination: string): Promise<void> {
  const go = await findOnPath('go', process.env['PATH']);
  if (go === undefined) throw new LecternError('unavailable', 'no `go` on the path to build a Temporal server with');
  const folder = await mkdtemp(join(dirname(destination), 'go-install-'));
  try {
    await runToEnd(go, ['install', MODULE], { timeoutMs: TIMEOUT_MS, env: { GOBIN: folder } });
    await rename(join(folder, 'temporal'), destination);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
