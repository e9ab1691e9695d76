import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';

/** Lends a folder for temporary files of one attempt; it is gone when `work` ends, however it ends. */
export async function withSpoolFolder<T>(spoolDir: string, work: (folder: string) => Promise<T>): Promise<T> {
  await mkdir(spoolDir, { recursive: true });
  const folder = await mkdtemp(join(spoolDir, 'attempt-'));
  try {
    return await work(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
