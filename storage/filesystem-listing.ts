import type { Dirent } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { hasCode } from './filesystem-errors.ts';
import { FolderNames } from './filesystem-folder-names.ts';
import { currentVersion, OBJECT_SUFFIX } from './filesystem-versions.ts';
import type { ObjectInfo } from './object-store.ts';

interface Entry {
  name: string;
  isObject: boolean;
}

/** Objects below `root` whose key begins with `prefix`, in the order of S3: by the bytes of the whole key. */
export async function* listObjects(root: string, prefix: string): AsyncGenerator<ObjectInfo> {
  const parent = prefix.slice(0, prefix.lastIndexOf('/') + 1);
  yield* walk(root, parent, prefix);
}

const folderNames = new FolderNames(async (folder) => {
  return (await entriesOf(folder)).flatMap(({ name, isObject }) => (isObject ? [] : [name]));
});

/** Names of the folders directly below `prefix` behind `after`, in the order of the keys in them. */
export async function* listFolderNames(root: string, prefix: string, after: string | undefined): AsyncGenerator<string> {
  const names = await folderNames.of(join(root, prefix));
  let from = 0;
  for (let to = after === undefined ? 0 : names.length; from < to;) {
    const middle = (from + to) >>> 1;
    if (`${names[middle]}/` > `${after}/`) to = middle;
    else from = middle + 1;
  }
  for (let at = from; at < names.length; at += 1) yield names[at] as string;
}

async function* walk(root: string, parent: string, prefix: string): AsyncGenerator<ObjectInfo> {
  for (const { name, isObject } of await entriesOf(join(root, parent))) {
    const key = `${parent}${name}`;
    if (!isObject) {
      // Only folders that agree with the prefix as far as both go.
      if (`${key}/`.startsWith(prefix) || prefix.startsWith(`${key}/`)) yield* walk(root, `${key}/`, prefix);
    } else if (key.startsWith(prefix)) {
      const info = await infoOf(root, key);
      if (info !== undefined) yield info;
    }
  }
}

/** A folder sorts with its slash, as in the keys below it: `a-b` comes before `a/b`. */
async function entriesOf(folder: string): Promise<Entry[]> {
  const sortKey = (entry: Entry): string => (entry.isObject ? entry.name : `${entry.name}/`);
  const entries = (await readFolder(folder))
    .filter((found) => found.isDirectory())
    .map((found) => {
      const isObject = found.name.endsWith(OBJECT_SUFFIX);
      return { name: isObject ? found.name.slice(0, -OBJECT_SUFFIX.length) : found.name, isObject };
    });
  return entries.sort((a, b) => (sortKey(a) < sortKey(b) ? -1 : 1));
}

async function infoOf(root: string, key: string): Promise<ObjectInfo | undefined> {
  const folder = join(root, `${key}${OBJECT_SUFFIX}`);
  for (;;) {
    const etag = await currentVersion(folder);
    if (etag === undefined) return undefined;
    try {
      return { key, bytes: (await stat(join(folder, etag))).size, etag };
    } catch (error) {
      // Replaced or deleted meanwhile: look again.
      if (!hasCode(error, 'ENOENT')) throw error;
    }
  }
}

/** How many objects lie below a folder, however deep. */
export async function countObjects(folder: string): Promise<number> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isDirectory() && entry.name.endsWith(OBJECT_SUFFIX)).length;
}

async function readFolder(folder: string): Promise<Dirent[]> {
  try {
    return await readdir(folder, { withFileTypes: true });
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return [];
    throw error;
  }
}
