import { randomUUID } from 'node:crypto';
import { open, readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { LecternError } from '../contracts/errors.ts';
import { mapFileErrors } from './filesystem-errors.ts';

/** What a killed process left unfinished is swept when it is this old. */
const LEFTOVER_MILLISECONDS = 24 * 3600 * 1000;

/** Streams a body to a new file and syncs it; returns its bytes. The body's own errors pass as they are. */
export async function stageBody(path: string, body: Uint8Array | AsyncIterable<Uint8Array>): Promise<number> {
  const file = await mapFileErrors(() => open(path, 'wx'));
  try {
    let bytes = 0;
    for await (const chunk of body instanceof Uint8Array ? [body] : body) {
      await mapFileErrors(() => file.writeFile(chunk));
      bytes += chunk.length;
    }
    await mapFileErrors(() => file.sync());
    return bytes;
  } finally {
    await file.close();
  }
}

export async function sweepLeftovers(folder: string): Promise<void> {
  for (const name of await readdir(folder)) {
    const path = join(folder, name);
    // Others sweep and write here, too: what has gone meanwhile is no leftover.
    const writtenAt = await stat(path).then(
      (found) => found.mtimeMs,
      () => Number.POSITIVE_INFINITY,
    );
    if (Date.now() - writtenAt > LEFTOVER_MILLISECONDS) await rm(path, { recursive: true, force: true });
  }
}

/** Throws `unavailable` where no file can be made. */
export async function checkWritable(folder: string): Promise<void> {
  const probe = join(folder, randomUUID());
  try {
    await (await open(probe, 'wx')).close();
    await rm(probe);
  } catch (error) {
    throw new LecternError('unavailable', `the object folder ${folder} cannot be written`, { cause: error });
  }
}
