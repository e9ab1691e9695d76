import { randomBytes } from 'node:crypto';
import { link, mkdir, open, readdir, rename, rm, rmdir, unlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { hasCode } from './filesystem-errors.ts';

/**
 * An object is a folder `<key>@` that holds one file, named by its version. This makes compare-and-set work between
 * processes with no lock at all: a successor is hard-linked under the one next version's name, which only one writer can
 * do; a first version arrives as a whole folder by rename, which fails where a folder is. `@` is in no key.
 *
 * A version is `<incarnation>-<counter>`. The incarnation is new with each creation (time, then chance), so that a version
 * of an object that was deleted and made again is never taken for one of its later life.
 */
const VERSION = /^(\d{16}[0-9a-f]{6})-(\d{10})$/;

export const OBJECT_SUFFIX = '@';

/** The newest version in the object's folder, `undefined` where there is no object. */
export async function currentVersion(folder: string): Promise<string | undefined> {
  return (await versionsIn(folder)).at(-1);
}

/**
 * Makes the file at `stagedFile` the object in `folder`, if the object is at `expected` (`undefined`: is not there).
 * Returns the new version, or `undefined` when another writer was quicker and nothing was changed.
 */
export async function advance(folder: string, expected: string | undefined, stagedFile: string): Promise<string | undefined> {
  return expected === undefined ? create(folder, stagedFile) : succeed(folder, expected, stagedFile);
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

async function succeed(folder: string, expected: string, stagedFile: string): Promise<string | undefined> {
  const [, incarnation = '', counter = ''] = VERSION.exec(expected) ?? [];
  const version = `${incarnation}-${String(Number(counter) + 1).padStart(10, '0')}`;
  try {
    await link(stagedFile, join(folder, version));
  } catch (error) {
    if (hasCode(error, 'EEXIST', 'ENOENT')) return undefined;
    throw error;
  }
  const versions = await versionsIn(folder);
  // Deleted and made again between our look and our link: ours is of the former life and must not stay.
  if (versions.some((other) => !other.startsWith(incarnation))) {
    await removeIfThere(join(folder, version));
    return undefined;
  }
  for (const other of versions) if (other < version) await removeIfThere(join(folder, other));
  await syncFolder(folder).catch((error: unknown) => {
    // Deleted right after: the deletion is the last word.
    if (!hasCode(error, 'ENOENT')) throw error;
  });
  return version;
}

/** Ascending; incarnations begin with their time. */
async function versionsIn(folder: string): Promise<string[]> {
  try {
    return (await readdir(folder)).filter((name) => VERSION.test(name)).sort();
  } catch (error) {
    if (hasCode(error, 'ENOENT', 'ENOTDIR')) return [];
    throw error;
  }
}

async function removeIfThere(path: string): Promise<void> {
  try {
    await unlink(path);
  } catch (error) {
    if (!hasCode(error, 'ENOENT')) throw error;
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
