import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { openFilesystemObjectStore } from '../storage/filesystem-object-store.ts';
import type { ObjectStore } from '../storage/object-store.ts';
import { withStageAccount, type StageAccount } from './stage-account.ts';
import { createStoreMetrics, type StoreMetrics } from './store-metrics.ts';

let folder: string;
let metrics: StoreMetrics;
let objects: ObjectStore;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lectern-store-metrics-'));
  metrics = createStoreMetrics();
  objects = metrics.meterObjects(await openFilesystemObjectStore(folder));
});
afterEach(async () => {
  await objects.close();
  await rm(folder, { recursive: true });
});

const KEY = 'tenants/t/document.json';
async function read(range?: { start: number; end: number }): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of await objects.stream(KEY, range)) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

it('enters what a stage reads and writes into its own account, streams as they flow', async () => {
  const accounts: StageAccount[] = [];
  const stage = (work: () => Promise<unknown>) =>
    withStageAccount(async (account) => {
      accounts.push(account);
      await work();
    });
  await stage(() => objects.put(KEY, Buffer.from('0123456789')));
  await Promise.all([
    stage(async () => expect((await objects.get(KEY)).body).toHaveLength(10)),
    stage(async () => expect(await read({ start: 2, end: 5 })).toBe('234')),
  ]);
  // Outside of a stage nobody counts, and all works the same.
  expect(await read()).toBe('0123456789');
  expect(accounts.map(({ readBytes, writtenBytes }) => [readBytes, writtenBytes])).toEqual([
    [0, 10],
    [10, 0],
    [3, 0],
  ]);
});

it('times calls, those that fail as well', async () => {
  await expect(objects.get(KEY)).rejects.toMatchObject({ kind: 'not-found' });
  expect(await objects.head(KEY)).toBeUndefined();
  const counts = metrics
    .metrics()
    .flatMap(({ samples }) => samples)
    .filter(({ suffix }) => suffix === '_count');
  expect(counts).toEqual(['get', 'head'].map((operation) => ({ suffix: '_count', labels: { operation }, value: 1 })));
});
