import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { openFilesystemObjectStore } from '../storage/filesystem-object-store.ts';
import * as keys from '../storage/keys.ts';
import { sweepUploads } from './sweep-uploads.ts';
import { makeUploadId } from './upload-id.ts';

it('sweeps what a killed process left a day ago, and nothing else', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'lectern-sweep-'));
  const objects = await openFilesystemObjectStore(folder);
  try {
    const now = Date.now();
    const old = keys.uploadKey('a', makeUploadId(now - 25 * 3600 * 1000));
    const young = keys.uploadKey('a', makeUploadId(now - 3600 * 1000));
    const nameless = keys.uploadKey('b', 'left-by-something-else');
    const elsewhere = keys.idempotencyKey('a', 'f'.repeat(64));
    for (const key of [old, young, nameless, elsewhere]) await objects.put(key, Buffer.from('x'));
    expect(await sweepUploads({ objects, keys }, ['a', 'b'], now)).toBe(2);
    const left: string[] = [];
    for await (const { key } of objects.list('tenants/')) left.push(key);
    expect(left.sort()).toEqual([elsewhere, young].sort());
  } finally {
    await objects.close();
    await rm(folder, { recursive: true });
  }
});
