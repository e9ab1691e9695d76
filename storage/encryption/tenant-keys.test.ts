import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { LecternError } from '../../contracts/errors.ts';
import { openFilesystemObjectStore } from '../filesystem-object-store.ts';
import { tenantKeyKey } from '../keys.ts';
import type { ObjectStore } from '../object-store.ts';
import { createMasterKeys, readMasterKeys } from './master-keys.ts';
import { checkMasterKey, createTenantKeys } from './tenant-keys.ts';

let root: string;
let objects: ObjectStore;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'lectern-keys-'));
  objects = await openFilesystemObjectStore(root);
});
afterEach(async () => {
  await objects.close();
  await rm(root, { recursive: true, force: true });
});

describe('a tenant’s key', () => {
  it('is made once, however many processes are the first', async () => {
    const masterKeys = createMasterKeys([randomBytes(32)]);
    const processes = Array.from({ length: 8 }, () => createTenantKeys({ objects, masterKeys }));
    const made = await Promise.all(processes.map((keys) => keys.forSealing('tum')));
    expect(new Set(made.map(({ secret }) => secret.toString('hex'))).size).toBe(1);
    expect((await createTenantKeys({ objects, masterKeys }).forSealing('lmu')).secret.equals(made[0]!.secret)).toBe(false);
  });

  it('is not in its document, and its document is no other tenant’s', async () => {
    const masterKeys = createMasterKeys([randomBytes(32)]);
    const keys = createTenantKeys({ objects, masterKeys });
    const { secret } = await keys.forSealing('tum');
    const { body } = await objects.get(tenantKeyKey('tum'));
    const text = Buffer.from(body).toString();
    for (const form of ['base64', 'hex', 'latin1'] as const) expect(text).not.toContain(secret.toString(form));
    for (const change of [{ tenantId: 'lmu' }, { mayHavePlain: true }, { keyId: '0'.repeat(16) }]) {
      await objects.put(tenantKeyKey('lmu'), Buffer.from(JSON.stringify({ ...JSON.parse(text), ...change })));
      await expect(createTenantKeys({ objects, masterKeys }).forSealing('lmu')).rejects.toMatchObject({ kind: 'internal' });
    }
  });

  it('is held for 60 s, so that another process feels its destruction by then', async () => {
    const masterKeys = createMasterKeys([randomBytes(32)]);
    let milliseconds = 0;
    const holder = createTenantKeys({ objects, masterKeys, now: () => milliseconds });
    const { id } = await holder.forSealing('tum');
    await objects.delete(tenantKeyKey('tum'));
    milliseconds = 59_999;
    expect((await holder.forOpening('tum', id)).id).toBe(id);
    milliseconds = 60_000;
    await expect(holder.forOpening('tum', id)).rejects.toMatchObject({ kind: 'conflict' });
  });

  it('goes on being used while the store is away', async () => {
    const masterKeys = createMasterKeys([randomBytes(32)]);
    let [milliseconds, isAway] = [0, false];
    const flaky: ObjectStore = {
      ...objects,
      put: (...given) => objects.put(...given),
      list: (prefix) => objects.list(prefix),
      get: async (key) => {
        if (isAway) throw new LecternError('unavailable', 'the store is away');
        return objects.get(key);
      },
    };
    const keys = createTenantKeys({ objects: flaky, masterKeys, now: () => milliseconds });
    const { id } = await keys.forSealing('tum');
    [milliseconds, isAway] = [120_000, true];
    expect((await keys.forOpening('tum', id)).id).toBe(id);
    await expect(keys.forSealing('lmu')).rejects.toMatchObject({ kind: 'unavailable' });
  });
});

describe('a rotation of the master key', () => {
  it('wraps every key anew; what they sealed needs no other key then', async () => {
    const [before, after] = [randomBytes(32), randomBytes(32)];
    const keys = createTenantKeys({ objects, masterKeys: createMasterKeys([before]) });
    const made = await Promise.all(['a', 'b', 'c'].map((tenantId) => keys.forSealing(tenantId)));
    const both = createMasterKeys([after, before]);
    await checkMasterKey(objects, both);
    const rotating = createTenantKeys({ objects, masterKeys: both });
    expect(await rotating.rewrap()).toEqual({ rewrapped: 3, keys: 3 });
    expect(await rotating.rewrap()).toEqual({ rewrapped: 0, keys: 3 });
    const rotated = createTenantKeys({ objects, masterKeys: createMasterKeys([after]) });
    for (const [index, tenantId] of ['a', 'b', 'c'].entries()) {
      expect((await rotated.forOpening(tenantId, made[index]!.id)).secret.equals(made[index]!.secret)).toBe(true);
    }
    await expect(checkMasterKey(objects, createMasterKeys([before]))).rejects.toMatchObject({ kind: 'invalid-input' });
    await expect(checkMasterKey(objects, null)).rejects.toMatchObject({
      kind: 'invalid-input',
      cure: expect.stringContaining('LECTERN_MASTER_KEY') as string,
    });
  });
});

describe('the master key of the configuration', () => {
  const key = randomBytes(32).toString('base64');

  it('is read from a variable or a file, several of them too', async () => {
    const file = join(root, 'master-key');
    await writeFile(file, `${key}\n${randomBytes(32).toString('base64')}\n`);
    const fromFile = await readMasterKeys({ LECTERN_MASTER_KEY: undefined, LECTERN_MASTER_KEY_FILE: file });
    const fromVariable = await readMasterKeys({ LECTERN_MASTER_KEY: key, LECTERN_MASTER_KEY_FILE: undefined });
    expect(fromFile?.id).toBe(fromVariable?.id);
    expect(await readMasterKeys({ LECTERN_MASTER_KEY: undefined, LECTERN_MASTER_KEY_FILE: undefined })).toBeNull();
  });

  it.each(['short', key.slice(0, 20), `${key}AAAA`, 'not base64 at all, but thirty-two', ',,,,'])(
    'is refused as %j, untold',
    async (given) => {
      const refused = await readMasterKeys({ LECTERN_MASTER_KEY: given, LECTERN_MASTER_KEY_FILE: undefined }).catch(
        (error: unknown) => error,
      );
      expect(refused).toMatchObject({ kind: 'invalid-input', cure: expect.stringContaining('openssl') as string });
      expect((refused as LecternError).message).not.toContain(given);
    },
  );
});
