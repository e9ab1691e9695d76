import { randomBytes } from 'node:crypto';
import { existsSync, linkSync, readdirSync, unlinkSync } from 'node:fs';
import { link, mkdir, open, readdir, rename, rm, rmdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { hasCode } from './filesystem-errors.ts';
import type { WriterLock } from './filesystem-lock.ts';

/**
 * An object is a folder `<key>@` that holds one file, named by its version. A first version arrives as a whole folder by rename,
 * which fails where a folder is. A successor is hard-linked beside its predecessor, which then goes; whether the predecessor is
 * still the current one is looked at and acted upon under the lock of all writers. Without it a writer that is slow by two
 * versions would link under a name that was taken and cleared away again, and believe it had won. `@` is in no key.
 *
 * A version is `<incarnation>-<counter>`. The incarnation is new with each creation (time, then chance), so that a version
 * of an object that was deleted and made again is never taken for one of its later life.
 */
const VERSION = /^(\d{16}[0-9a-f]{6})-(\d{10})$/;

export const OBJECT_SUFFIX = '@';

/** The newest version in the object's folder, `undefined` where there is no object. */
export async function currentVersion(folder: string): Promise<string | undefined> {
  return versionsAmong(await unlessGone(readdir(folder))).at(-1);
}

/**
 * Makes the file at `stagedFile` the object in `folder`, if the object is at `expected` (`undefined`: is not there).
 * Returns the new version, or `undefined` when another writer was quicker and nothing was changed.
 */
export async function advance(
  lock: WriterLock,
  folder: string,
  expected: string | undefined,
  stagedFile: string,
): Promise<string | undefined> {
  if (expected === undefined) return create(folder, stagedFile);
  const version = await lock.run(() => succeed(folder, expected, stagedFile));
  // Deleted right after: the deletion is the last word.
  if (version !== undefined) await unlessGone(syncFolder(folder));
  return version;
}

async function create(folder: string, stagedFile: string): Promise<string | undefined> {
  const version = `${String(Date.now() * 1000).padStart(16, '0')}${randomBytes(3).toString('hex')}-${'1'.padStart(10, '0')}`;
  const whole = `${stagedFile}.new`;
  try {
    await mkdir(whole);
    await link(stagedFile, join(whole, version));
    await syncFolder(whole);
    await makeFolder(dirname(folder));
    await rename(whole, folder);
    await syncFolder(dirname(folder));
    return version;
  } catch (error) {
    await rm(whole, { recursive: true, force: true });
    // ENOENT: the parent was pruned after it was made; the caller looks again.
    if (hasCode(error, 'ENOTEMPTY', 'EEXIST', 'ENOENT')) return undefined;
    throw error;
  }
}

/** With all its parents, each new name written out: an acknowledged upload must survive a power cut. */
async function makeFolder(folder: string): Promise<void> {
  const first = await mkdir(folder, { recursive: true });
  if (first === undefined) return;
  for (let made = folder; made.length >= first.length; made = dirname(made)) await syncFolder(dirname(made));
}

function succeed(folder: string, expected: string, stagedFile: string): string | undefined {
  const versions = existsSync(folder) ? versionsAmong(readdirSync(folder)) : [];
  if (versions.at(-1) !== expected) return undefined;
  const [, incarnation = '', counter = ''] = VERSION.exec(expected) ?? [];
  const version = `${incarnation}-${String(Number(counter) + 1).padStart(10, '0')}`;
  linkSync(stagedFile, join(folder, version));
  for (const old of versions) unlinkSync(join(folder, old));
  return version;
}

/** Ascending; incarnations begin with their time. */
function versionsAmong(names: readonly string[] = []): string[] {
  return names.filter((name) => VERSION.test(name)).sort();
}

/** What is gone gives `undefined`. */
async function unlessGone<T>(work: Promise<T>): Promise<T | undefined> {
  try {
    return await work;
  } catch (error) {
    if (hasCode(error, 'ENOENT', 'ENOTDIR')) return undefined;
    throw error;
  }
}

/** Removes the folders above a deleted one that are empty now, up to `root`, which stays. */
export async function pruneEmptyParents(folder: string, root: string): Promise<void> {
  for (let parent = dirname(folder); parent.startsWith(`${root}/`); parent = dirname(parent)) {
    try {
      await rmdir(parent);
    } catch (error) {
      if (hasCode(error, 'ENOTEMPTY', 'EEXIST', 'ENOENT')) return;
      throw error;
    }
  }
}

/** Names become durable only when their folder is written out. */
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
