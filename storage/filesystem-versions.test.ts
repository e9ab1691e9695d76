import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openWriterLock, type WriterLock } from './filesystem-lock.ts';
import { advance, currentVersion } from './filesystem-versions.ts';

describe('versions of an object', () => {
  let root: string;
  let lock: WriterLock;
  let staged: string;
  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), 'lectern-versions-'));
    lock = openWriterLock(root);
    staged = join(root, 'staged');
    await writeFile(staged, 'x');
  });
  afterEach(async () => {
    lock.close();
    await rm(root, { recursive: true });
  });

  it('refuses a writer that is slow by one version or by more', async () => {
    const folder = join(root, 'object@');
    const first = await advance(lock, folder, undefined, staged);
    const second = await advance(lock, folder, first, staged);
    expect(await advance(lock, folder, first, staged)).toBeUndefined();
    const third = await advance(lock, folder, second, staged);
    // By now the name after `first` is free again.
    expect(await advance(lock, folder, first, staged)).toBeUndefined();
    expect(await currentVersion(folder)).toBe(third);
    expect(await readdir(folder)).toEqual([third]);
  });

  it('is not made by a successor of what was deleted', async () => {
    const folder = join(root, 'object@');
    const first = await advance(lock, folder, undefined, staged);
    await rm(folder, { recursive: true });
    expect(await advance(lock, folder, first, staged)).toBeUndefined();
    expect(await currentVersion(folder)).toBeUndefined();
    await advance(lock, folder, undefined, staged);
    expect(await advance(lock, folder, first, staged)).toBeUndefined();
  });
});
