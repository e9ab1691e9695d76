import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createApiKeyStore, type ApiKeyStore } from './api-keys.ts';
import { openFilesystemObjectStore } from './filesystem-object-store.ts';
import { apiKeyKey } from './keys.ts';
import type { ObjectStore } from './object-store.ts';

describe('API keys', () => {
  let root: string;
  let objects: ObjectStore;
  let keys: ApiKeyStore;
  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), 'lectern-keys-'));
    objects = await openFilesystemObjectStore(root);
    keys = createApiKeyStore(objects);
  });
  afterEach(() => rm(root, { recursive: true, force: true }));

  it('say whose they are', async () => {
    const tum = await keys.create('tum', 'lecture hall 3');
    const lmu = await keys.create('lmu', 'lecture hall 3');
    expect(tum.key).toMatch(/^lk_[A-Za-z0-9_-]{43}$/);
    expect(tum.apiKey).toMatchObject({ tenantId: 'tum', name: 'lecture hall 3', prefix: tum.key.slice(0, 7) });
    expect(await keys.authenticate(tum.key)).toBe('tum');
    expect(await keys.authenticate(lmu.key)).toBe('lmu');
  });

  it('let nobody else in', async () => {
    const { key } = await keys.create('tum', 'k');
    const last = key.at(-1) === 'A' ? 'B' : 'A';
    for (const wrong of [
      '',
      'lk_',
      key.slice(0, -1),
      `${key}A`,
      `${key.slice(0, -1)}${last}`,
      key.toUpperCase(),
      '../../x',
      `lk_${'A'.repeat(43)}`,
    ]) {
      expect(await keys.authenticate(wrong)).toBeUndefined();
    }
  });

  it('are nowhere in the store', async () => {
    const { key } = await keys.create('tum', 'k');
    const files = (await readdir(root, { recursive: true, withFileTypes: true })).filter((entry) => entry.isFile());
    expect(files.length).toBeGreaterThan(0);
    for (const file of files) {
      const path = join(file.parentPath, file.name);
      expect(path + (await readFile(path, 'utf8'))).not.toContain(key.slice(8));
    }
  });

  it('end at once when they are revoked; two may live side by side', async () => {
    const [old, fresh] = [await keys.create('tum', 'old'), await keys.create('tum', 'new')];
    const revoked = await keys.revoke(old.apiKey.id);
    expect(revoked.revokedAt).toBeDefined();
    expect(await keys.revoke(old.apiKey.id)).toEqual(revoked);
    expect(await keys.authenticate(old.key)).toBeUndefined();
    expect(await keys.authenticate(fresh.key)).toBe('tum');
    await expect(keys.revoke('0'.repeat(16))).rejects.toMatchObject({ kind: 'not-found' });
  });

  it('are listed by tenant, without the key', async () => {
    const { key } = await keys.create('tum', 'a');
    await keys.create('lmu', 'b');
    expect((await keys.list()).map((entry) => entry.name).sort()).toEqual(['a', 'b']);
    const mine = await keys.list('tum');
    expect(mine.map((entry) => entry.name)).toEqual(['a']);
    expect(JSON.stringify(mine)).not.toContain(key);
  });

  it('do not pass for another key whose document was swapped', async () => {
    const [a, b] = [await keys.create('tum', 'a'), await keys.create('lmu', 'b')];
    await objects.put(apiKeyKey(a.apiKey.sha256), (await objects.get(apiKeyKey(b.apiKey.sha256))).body);
    expect(await keys.authenticate(a.key)).toBeUndefined();
  });

  it('refuse a tenant or a name that is none', async () => {
    await expect(keys.create('Not A Tenant', 'k')).rejects.toMatchObject({ kind: 'invalid-input' });
    await expect(keys.create('tum', '')).rejects.toMatchObject({ kind: 'invalid-input' });
  });
});
