import { setTimeout as sleep } from 'node:timers/promises';
import { DatabaseSync } from 'node:sqlite';

const SQLITE_BUSY = 5;

/**
 * Runs `work` while no other process (or other caller in this one) holds the lock file at `path`. The lock is SQLite's own
 * file lock: the kernel drops it with its process, so that nobody ever waits for the dead and no lock goes stale.
 */
export async function withFetchLock<T>(path: string, onWait: () => void, work: () => Promise<T>): Promise<T> {
  const lock = new DatabaseSync(path, { timeout: 0 });
  try {
    for (let tries = 0; !tryLock(lock); tries += 1) {
      if (tries === 0) onWait();
      await sleep(100 + Math.random() * 100);
    }
    return await work();
  } finally {
    lock.close();
  }
}

function tryLock(lock: DatabaseSync): boolean {
  try {
    lock.exec('BEGIN EXCLUSIVE');
    return true;
  } catch (error) {
    if (error instanceof Error && 'errcode' in error && error.errcode === SQLITE_BUSY) return false;
    throw error;
  }
}
