import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterAll, describe, expect, it } from 'vitest';
import { createEncryptedObjectStore } from '../../storage/encryption/encrypted-object-store.ts';
import { createMasterKeys } from '../../storage/encryption/master-keys.ts';
import { createTenantKeys } from '../../storage/encryption/tenant-keys.ts';
import { openFilesystemObjectStore } from '../../storage/filesystem-object-store.ts';
import { openMinioObjectStore } from '../../storage/minio-object-store.ts';
import type { ObjectStore } from '../../storage/object-store.ts';
import { startTestMinio } from '../support/minio-server.ts';
import { collect, unevenChunks } from './bodies.ts';
import { describeObjectStore } from './object-store-contract.ts';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

const root = await mkdtemp(join(tmpdir(), 'lectern-encrypted-'));
const minio = await startTestMinio();
afterAll(async () => {
  await minio.stop();
  await rm(root, { recursive: true, force: true });
});

const masterKeys = createMasterKeys([randomBytes(32)]);
/** The contract's keys are no tenant's: here all of them are one's. */
const encrypted = (objects: ObjectStore): ObjectStore =>
  createEncryptedObjectStore({ objects, keys: createTenantKeys({ objects, masterKeys }), ownerOf: () => 'contract' });

describeObjectStore('encrypted folder', async () => encrypted(await openFilesystemObjectStore(root)));
describeObjectStore('encrypted MinIO', async () => encrypted(await openMinioObjectStore(minio)));

describe('a long object through encryption', () => {
  it('takes memory of its chunks, not of its length', async () => {
    const objects = await openFilesystemObjectStore(join(root, 'long'));
    const store = encrypted(objects);
    const length = 60_000_000;
    let peak = 0;
    let chunks = 0;
    // What is held counts, not what the collector has not got round to: that waits for hundreds of megabytes where it may.
    const watch = (): void => {
      if ((chunks += 1) % 16 !== 0) return;
      collectGarbage();
      peak = Math.max(peak, process.memoryUsage().arrayBuffers);
    };
    collectGarbage();
    const before = process.memoryUsage().arrayBuffers;
    await store.put('contract/long', unevenChunks(length, watch));
    let read = 0;
    for await (const chunk of await store.stream('contract/long')) {
      read += chunk.length;
      watch();
    }
    expect(read).toBe(length);
    expect(peak).toBeGreaterThan(0);
    expect(peak - before).toBeLessThan(length / 4);
    expect(await collect(await store.stream('contract/long', { start: length - 5, end: length + 5 }))).toHaveLength(5);
    await store.close();
  });
});
