import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as sleep } from 'node:timers/promises';
import { LecternError } from '../contracts/errors.ts';

/** One writer at a time decides, among all processes that share a folder of objects. The lock dies with its process. */
export interface WriterLock {
  /** Runs `decide` while nobody else decides. Errors: `unavailable` when others hold the lock for too long. */
  run<T>(decide: () => T): Promise<T>;
  close(): void;
}

/** A decision takes well under a millisecond: whoever waits this long waits for a process that was stopped. */
const PATIENCE_MS = 30_000;
const LONGEST_PAUSE_MS = 10;
/** SQLite's result code for a lock that another holds. */
const SQLITE_BUSY = 5;

/**
 * Node has no file locks of its own; SQLite has them, on every platform, and the kernel frees them when a process dies. The
 * file stays empty: a transaction is begun and given up, and nothing is written.
 */
export function openWriterLock(root: string): WriterLock {
  const database = new DatabaseSync(join(root, 'writers.lock'), { timeout: 0 });
  const tryToLock = (): boolean => {
    try {
      database.exec('BEGIN IMMEDIATE');
      return true;
    } catch (error) {
      if (error instanceof Error && 'errcode' in error && error.errcode === SQLITE_BUSY) return false;
      throw error;
    }
  };
  return {
    async run(decide) {
      const givesUpAt = performance.now() + PATIENCE_MS;
      // Pauses of chance lengths: writers that met once do not meet at each try again.
      while (!tryToLock()) {
        if (performance.now() > givesUpAt) throw new LecternError('unavailable', `the objects below ${root} are held by another process`);
        await sleep(Math.random() * LONGEST_PAUSE_MS);
      }
      try {
        return decide();
      } finally {
        database.exec('ROLLBACK');
      }
    },
    close: () => database.close(),
  };
}
