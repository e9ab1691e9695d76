import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { LecternError } from '../../contracts/errors.ts';
import { identifyProcess, isAlive, ProcessIdentitySchema } from './process-identity.ts';

/** One stack a data folder. Returns the release. Errors: `conflict` while another stack runs there; a dead one's lock is taken over. */
export async function lockStack(dataDir: string): Promise<() => Promise<void>> {
  // It holds recordings and what was said in them: on a shared machine that is nobody else's to read.
  await mkdir(dataDir, { recursive: true, mode: 0o700 });
  const path = join(dataDir, 'stack.lock');
  const mine = JSON.stringify(await identifyProcess(process.pid));
  for (;;) {
    const taken = await writeFile(path, mine, { flag: 'wx' }).then(
      () => false,
      (error: NodeJS.ErrnoException) => {
        if (error.code === 'EEXIST') return true;
        throw error;
      },
    );
    if (!taken) return () => rm(path, { force: true });
    const holder = await readHolder(path);
    if (holder !== undefined && (await isAlive(holder))) {
      throw new LecternError('conflict', `a Lectern stack already runs on ${dataDir} (process ${holder.pid})`, {
        cure: `Use it, stop it (kill ${holder.pid}), or start another one with LECTERN_DATA set to a folder of its own.`,
      });
    }
    await rm(path, { force: true });
  }
}

async function readHolder(path: string): Promise<{ pid: number; startTicks: string | null } | undefined> {
  const text = await readFile(path, 'utf8').catch(() => '');
  try {
    return ProcessIdentitySchema.parse(JSON.parse(text));
  } catch {
    // A lock that was cut short by a crash names nobody.
    return undefined;
  }
}
