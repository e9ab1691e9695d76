import { readdir, readlink, realpath } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';

const ASK_EVERY_MS = 250;

/**
 * Process id of a program that has `file` open, or undefined; waits up to `patienceMs` for it to let go, because a server whose
 * supervisor was killed takes a second to end. SQLite in WAL mode lets two Temporal servers share a file and damage each other's work, so
 * no lock of its own can be trusted here. Linux only: elsewhere nobody is ever found.
 */
export async function findHolder(file: string, patienceMs: number): Promise<number | undefined> {
  const path = await realpath(file).catch(() => undefined);
  if (path === undefined) return undefined;
  const deadline = Date.now() + patienceMs;
  for (;;) {
    const holder = await holderOf(path);
    if (holder === undefined || Date.now() > deadline) return holder;
    await sleep(ASK_EVERY_MS);
  }
}

async function holderOf(path: string): Promise<number | undefined> {
  const processes = await readdir('/proc').catch((): string[] => []);
  for (const entry of processes) {
    if (!/^\d+$/.test(entry) || entry === String(process.pid)) continue;
    // Processes of other users and those that end meanwhile cannot be read: they cannot be the holder of our file either.
    const descriptors = await readdir(`/proc/${entry}/fd`).catch((): string[] => []);
    const targets = await Promise.all(descriptors.map((fd) => readlink(`/proc/${entry}/fd/${fd}`).catch(() => '')));
    if (targets.includes(path)) return Number(entry);
  }
  return undefined;
}
