import { mkdir, mkdtemp, readdir, rm, utimes } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { FolderNames } from './filesystem-folder-names.ts';

let folder: string;
let reads: number;
let names: FolderNames;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lectern-names-'));
  reads = 0;
  names = new FolderNames(async (path) => {
    reads += 1;
    return (await readdir(path)).sort();
  });
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const settle = (agoSeconds: number) => utimes(folder, new Date(), new Date(Date.now() - agoSeconds * 1_000));

it('reads a folder that holds still once', async () => {
  await mkdir(join(folder, 'a'));
  await settle(60);
  for (let look = 0; look < 3; look += 1) expect(await names.of(folder)).toEqual(['a']);
  expect(reads).toBe(1);
});

it('sees what came and went since', async () => {
  await settle(60);
  expect(await names.of(folder)).toEqual([]);
  await mkdir(join(folder, 'b'));
  expect(await names.of(folder)).toEqual(['b']);
  await rm(join(folder, 'b'), { recursive: true });
  expect(await names.of(folder)).toEqual([]);
});

it('remembers nothing of a folder that has just changed: the next change might not show', async () => {
  await mkdir(join(folder, 'a'));
  await names.of(folder);
  await names.of(folder);
  expect(reads).toBe(2);
});

it('knows no names of a folder that is gone', async () => {
  await settle(60);
  await names.of(folder);
  await rm(folder, { recursive: true });
  expect(await names.of(folder)).toEqual([]);
});
