import { randomUUID } from 'node:crypto';
import { renameSync } from 'node:fs';
import { mkdir, open, rm, type FileHandle } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { LecternError } from '../contracts/errors.ts';
import { hasCode, mapFileErrors } from './filesystem-errors.ts';
import { countObjects, listFolderNames, listObjects } from './filesystem-listing.ts';
import { openWriterLock, type WriterLock } from './filesystem-lock.ts';
import { checkWritable, stageBody, sweepLeftovers } from './filesystem-staging.ts';
import { advance, currentVersion, OBJECT_SUFFIX, pruneEmptyParents } from './filesystem-versions.ts';
import { checkFolderPrefix, checkKey, checkPrefix } from './object-key.ts';
import type { ByteRange, ObjectInfo, ObjectStore, PutOptions } from './object-store.ts';

/** So many other writers in a row were quicker: something else is wrong. */
const MAX_TRIES = 1000;

/**
 * Objects as files below `<root>/objects`; several processes may share the folder. Writes go to `<root>/tmp`, are synced and
 * get their name in one step. The folder must be on a file system with hard links and file locks.
 */
export async function openFilesystemObjectStore(root: string): Promise<ObjectStore> {
  const objects = resolve(root, 'objects');
  const temporary = resolve(root, 'tmp');
  const lock = await mapFileErrors(async () => {
    await mkdir(objects, { recursive: true });
    await mkdir(temporary, { recursive: true });
    await sweepLeftovers(temporary);
    return openWriterLock(resolve(root));
  });
  return new FilesystemObjectStore(objects, temporary, lock);
}

class FilesystemObjectStore implements ObjectStore {
  readonly #objects: string;
  readonly #temporary: string;
  readonly #lock: WriterLock;

  constructor(objects: string, temporary: string, lock: WriterLock) {
    this.#objects = objects;
    this.#temporary = temporary;
    this.#lock = lock;
  }

  async put(key: string, body: Uint8Array | AsyncIterable<Uint8Array>, options: PutOptions = {}): Promise<ObjectInfo> {
    const folder = this.#folderOf(key);
    // Before a byte is written: a long upload need not run to its end to learn of a conflict.
    await mapFileErrors(async () => checkConditions(key, await currentVersion(folder), options));
    const staged = join(this.#temporary, randomUUID());
    try {
      const bytes = await stageBody(staged, body);
      return { key, bytes, etag: await mapFileErrors(() => publish(this.#lock, key, folder, staged, options)) };
    } finally {
      await rm(staged, { force: true });
    }
  }

  get(key: string): Promise<{ body: Uint8Array; info: ObjectInfo }> {
    return mapFileErrors(async () => {
      const { file, info } = await this.#open(key);
      try {
        return { body: await file.readFile(), info };
      } finally {
        await file.close();
      }
    });
  }

  stream(key: string, range?: ByteRange): Promise<AsyncIterable<Uint8Array>> {
    return mapFileErrors(async () => {
      const { file, info } = await this.#open(key);
      const chunks = readChunks(file, range ?? { start: 0, end: info.bytes });
      // A generator that was never begun closes nothing when its reader gives up.
      await chunks.next();
      return chunks;
    });
  }

  head(key: string): Promise<ObjectInfo | undefined> {
    return mapFileErrors(async () => {
      const found = await findObject(key, this.#folderOf(key));
      await found?.file.close();
      return found?.info;
    });
  }

  async *list(prefix: string): AsyncGenerator<ObjectInfo> {
    checkPrefix(prefix);
    yield* listObjects(this.#objects, prefix);
  }

  async *listFolders(prefix: string, after?: string): AsyncGenerator<string> {
    checkFolderPrefix(prefix);
    if (after !== undefined) checkKey(after);
    yield* listFolderNames(this.#objects, prefix, after);
  }

  async delete(key: string): Promise<void> {
    await this.#remove(this.#folderOf(key), () => Promise.resolve(1));
  }

  async deletePrefix(prefix: string): Promise<number> {
    checkFolderPrefix(prefix);
    return this.#remove(join(this.#objects, prefix.slice(0, -1)), countObjects);
  }

  health(): Promise<void> {
    return checkWritable(this.#temporary);
  }

  async close(): Promise<void> {
    this.#lock.close();
  }

  #folderOf(key: string): string {
    checkKey(key);
    return join(this.#objects, `${key}${OBJECT_SUFFIX}`);
  }

  async #open(key: string): Promise<{ file: FileHandle; info: ObjectInfo }> {
    const found = await findObject(key, this.#folderOf(key));
    if (found === undefined) throw new LecternError('not-found', `there is no object ${key}`);
    return found;
  }

  /** One rename, so that no reader ever sees a lecture half deleted; then the files go. */
  #remove(folder: string, count: (folder: string) => Promise<number>): Promise<number> {
    return mapFileErrors(async () => {
      const bin = join(this.#temporary, randomUUID());
      try {
        // Under the lock: a successor that is just being linked must not come to lie in a later life of the object.
        await this.#lock.run(() => renameSync(folder, bin));
      } catch (error) {
        if (hasCode(error, 'ENOENT')) return 0;
        throw error;
      }
      await pruneEmptyParents(folder, this.#objects);
      const counted = await count(bin);
      await rm(bin, { recursive: true, force: true });
      return counted;
    });
  }
}

async function publish(lock: WriterLock, key: string, folder: string, staged: string, options: PutOptions): Promise<string> {
  for (let tries = 0; tries < MAX_TRIES; tries += 1) {
    const current = await currentVersion(folder);
    checkConditions(key, current, options);
    const version = await advance(lock, folder, current, staged);
    if (version !== undefined) return version;
  }
  throw new LecternError('unavailable', `object ${key} is written by too many at once`);
}

function checkConditions(key: string, current: string | undefined, options: PutOptions): void {
  if (options.ifAbsent === true && current !== undefined) throw new LecternError('conflict', `object ${key} is there already`);
  if (options.ifMatch !== undefined && current !== options.ifMatch) {
    throw new LecternError('conflict', `object ${key} was changed by another writer`);
  }
}

async function findObject(key: string, folder: string): Promise<{ file: FileHandle; info: ObjectInfo } | undefined> {
  for (let tries = 0; tries < MAX_TRIES; tries += 1) {
    const etag = await currentVersion(folder);
    if (etag === undefined) return undefined;
    try {
      const file = await open(join(folder, etag), 'r');
      return { file, info: { key, bytes: (await file.stat()).size, etag } };
    } catch (error) {
      // Replaced between the look and the open: the newer one is wanted anyway.
      if (!hasCode(error, 'ENOENT')) throw error;
    }
  }
  throw new LecternError('unavailable', `object ${key} changes too fast to be read`);
}

/** Closes the file when the reader is done or gives up. The first chunk is empty: it only begins. */
async function* readChunks(file: FileHandle, range: ByteRange): AsyncGenerator<Uint8Array> {
  try {
    yield Buffer.alloc(0);
    for (let at = range.start; at < range.end;) {
      const buffer = Buffer.allocUnsafe(Math.min(1 << 18, range.end - at));
      const { bytesRead } = await mapFileErrors(() => file.read(buffer, 0, buffer.length, at));
      if (bytesRead === 0) return;
      at += bytesRead;
      yield buffer.subarray(0, bytesRead);
    }
  } finally {
    await file.close();
  }
}
