import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { identifyProcess } from './process-identity.ts';
import { lockStack } from './stack-lock.ts';
import { findRunningStack, removeStackState, writeStackState } from './stack-state.ts';

/** Beyond what Linux gives out as a process id. */
const NOBODY = 2 ** 30;
const ADDRESSES = { apiUrl: 'http://127.0.0.1:1', temporalAddress: '127.0.0.1:2', temporalUiUrl: null };

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lectern-lock-'));
});
afterEach(() => rm(folder, { recursive: true }));

describe('lockStack', () => {
  it('makes the data folder for its owner alone: recordings are nobody else’s to read', async () => {
    const dataDir = join(folder, 'data');
    await (
      await lockStack(dataDir)
    )();
    expect((await stat(dataDir)).mode & 0o777).toBe(0o700);
  });

  it('lets one stack run on a folder, and the next when it is done', async () => {
    const release = await lockStack(folder);
    await expect(lockStack(folder)).rejects.toMatchObject({ kind: 'conflict', cure: expect.stringContaining('LECTERN_DATA') as string });
    await release();
    await (
      await lockStack(folder)
    )();
  });

  it.each([
    ['a dead process', JSON.stringify({ pid: NOBODY, startTicks: '1' })],
    ['another program that was given the pid', JSON.stringify({ pid: process.pid, startTicks: '1' })],
    ['a crash that cut it short', '{"pid":'],
  ])('takes over the lock of %s', async (_, text) => {
    await writeFile(join(folder, 'stack.lock'), text);
    await (
      await lockStack(folder)
    )();
    await expect(readFile(join(folder, 'stack.lock'))).rejects.toThrow('ENOENT');
  });
});

describe('findRunningStack', () => {
  it('finds a stack as long as its supervisor runs', async () => {
    expect(await findRunningStack(folder)).toBeUndefined();
    await writeStackState(folder, { supervisor: await identifyProcess(process.pid), ...ADDRESSES });
    expect(await findRunningStack(folder)).toMatchObject(ADDRESSES);
    await writeStackState(folder, { supervisor: { pid: NOBODY, startTicks: null }, ...ADDRESSES });
    expect(await findRunningStack(folder)).toBeUndefined();
    await removeStackState(folder);
    expect(await findRunningStack(folder)).toBeUndefined();
  });
});
