import { chmod, copyFile, mkdtemp, readdir, rename, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LecternError } from '../../contracts/errors.ts';
import { runToEnd } from './run-to-end.ts';

/** A refused or missing network answers at once; one that works brings the 60 MB within this time or is too slow to wait for. */
const TIMEOUT_MS = 180_000;

/** The SDK only downloads a server by starting it, so this starts one and ends it. Run in a process of its own to be stoppable. */
const DOWNLOAD = `
import { TestWorkflowEnvironment } from '@temporalio/testing';
const executable = { type: 'cached-download', downloadDir: process.argv[1] };
try {
  await (await TestWorkflowEnvironment.createLocal({ server: { executable } })).teardown();
} catch (error) {
  console.error(error.message);
  process.exit(1);
}
`;

/** Lets Temporal's SDK download its development server and moves it to `destination`. Errors: `unavailable`. */
export async function downloadThroughSdk(destination: string): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'lectern-temporal-'));
  try {
    await runToEnd(process.execPath, ['--input-type=module', '--eval', DOWNLOAD, folder], {
      timeoutMs: TIMEOUT_MS,
      cwd: import.meta.dirname,
    });
    const names = await readdir(folder);
    const files = await Promise.all(names.map(async (name) => ({ name, bytes: (await stat(join(folder, name))).size })));
    const largest = files.sort((a, b) => b.bytes - a.bytes)[0];
    if (largest === undefined) throw new LecternError('unavailable', 'the SDK downloaded nothing');
    await copyFile(join(folder, largest.name), `${destination}.part`);
    await chmod(`${destination}.part`, 0o755);
    await rename(`${destination}.part`, destination);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
