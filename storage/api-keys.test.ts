import { createHash } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { SCOPES } from '../contracts/roles.ts';
import { createApiKeyStore, type ApiKeyStore } from './api-keys.ts';
import { openFilesystemObjectStore } from './filesystem-object-store.ts';
import { apiKeyKey } from './keys.ts';
import type { ObjectStore } from './object-store.ts';

const digest = (key: string): string => createHash('sha256').update(key).digest('hex');

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
    const tum = await keys.create('tum', { name: 'lecture hall 3', role: 'admin' });
    const lmu = await keys.create('lmu', { name: 'lecture hall 3', role: 'admin' });
    expect(tum.key).toMatch(/^lk_[A-Za-z0-9_-]{43}$/);
    expect(tum.apiKey).toMatchObject({ tenantId: 'tum', name: 'lecture hall 3', prefix: tum.key.slice(0, 7) });
    expect(await keys.authenticate(tum.key)).toEqual({
      tenantId: 'tum',
      principal: { keyId: tum.apiKey.id, name: 'lecture hall 3', role: 'admin', scopes: SCOPES },
    });
    expect(await keys.authenticate(lmu.key)).toMatchObject({ tenantId: 'lmu' });
  });

  it('let nobody else in', async () => {
    const { key } = await keys.create('tum', { name: 'k', role: 'admin' });
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
    const { key } = await keys.create('tum', { name: 'k', role: 'admin' });
    const files = (await readdir(root, { recursive: true, withFileTypes: true })).filter((entry) => entry.isFile());
    expect(files.length).toBeGreaterThan(0);
    for (const file of files) {
      const path = join(file.parentPath, file.name);
      expect(path + (await readFile(path, 'utf8'))).not.toContain(key.slice(8));
    }
  });

  it('end at once when they are revoked; two may live side by side', async () => {
    const [old, fresh] = [
      await keys.create('tum', { name: 'old', role: 'admin' }),
      await keys.create('tum', { name: 'new', role: 'admin' }),
    ];
    const revoked = await keys.revoke(old.apiKey.id);
    expect(revoked.revokedAt).toBeDefined();
    expect(await keys.revoke(old.apiKey.id)).toEqual(revoked);
    expect(await keys.authenticate(old.key)).toBeUndefined();
    expect(await keys.authenticate(fresh.key)).toMatchObject({ tenantId: 'tum' });
    await expect(keys.revoke('0'.repeat(16))).rejects.toMatchObject({ kind: 'not-found' });
  });

  it('end in every process at once: nobody holds what the store said before', async () => {
    const elsewhere = createApiKeyStore(await openFilesystemObjectStore(root));
    const { key, apiKey } = await keys.create('tum', { name: 'k', role: 'admin' });
    expect(await elsewhere.authenticate(key)).toBeDefined();
    await keys.revoke(apiKey.id);
    expect(await elsewhere.authenticate(key)).toBeUndefined();
  });

  it('are listed by tenant, without the key', async () => {
    const { key } = await keys.create('tum', { name: 'a', role: 'admin' });
    await keys.create('lmu', { name: 'b', role: 'admin' });
    expect((await keys.list()).map((entry) => entry.name).sort()).toEqual(['a', 'b']);
    const mine = await keys.list('tum');
    expect(mine.map((entry) => entry.name)).toEqual(['a']);
    expect(JSON.stringify(mine)).not.toContain(key);
  });

  it('do not pass for another key whose document was swapped', async () => {
    const [a, b] = [await keys.create('tum', { name: 'a', role: 'admin' }), await keys.create('lmu', { name: 'b', role: 'admin' })];
    await objects.put(apiKeyKey(digest(a.key)), (await objects.get(apiKeyKey(digest(b.key)))).body);
    expect(await keys.authenticate(a.key)).toBeUndefined();
  });

  it('refuse a tenant or a name that is none', async () => {
    await expect(keys.create('Not A Tenant', { name: 'k', role: 'admin' })).rejects.toMatchObject({ kind: 'invalid-input' });
    await expect(keys.create('tum', { name: '', role: 'admin' })).rejects.toMatchObject({ kind: 'invalid-input' });
  });

  it('that were made before there were roles are an admin’s', async () => {
    const { key } = await keys.create('tum', { name: 'old', role: 'student' });
    const { body } = await objects.get(apiKeyKey(digest(key)));
    const { role: _, ...old } = JSON.parse(Buffer.from(body).toString()) as Record<string, unknown>;
    await objects.put(apiKeyKey(digest(key)), Buffer.from(JSON.stringify(old)));
    expect(await keys.authenticate(key)).toMatchObject({ principal: { role: 'admin', scopes: SCOPES } });
  });

  it('have the scopes of their role, or fewer, never more', async () => {
    const scopesOf = async (made: Promise<{ key: string }>) => (await keys.authenticate((await made).key))?.principal.scopes;
    expect(await scopesOf(keys.create('tum', { name: 'a', role: 'student' }))).toEqual(['read']);
    expect(await scopesOf(keys.create('tum', { name: 'b', role: 'admin', scopes: ['jobs'] }))).toEqual(['jobs']);
    expect(await scopesOf(keys.create('tum', { name: 'c', role: 'student', scopes: ['read', 'administer'] }))).toEqual(['read']);
  });

  it('end when they expire', async () => {
    const inAnHour = new Date(Date.now() + 3_600_000).toISOString();
    const fresh = await keys.create('tum', { name: 'a', role: 'admin', expiresAt: inAnHour });
    const stale = await keys.create('tum', { name: 'b', role: 'admin', expiresAt: '2020-01-01T00:00:00Z' });
    expect(await keys.authenticate(fresh.key)).toBeDefined();
    expect(await keys.authenticate(stale.key)).toBeUndefined();
    await expect(keys.rotate(stale.apiKey.id)).rejects.toMatchObject({ kind: 'conflict' });
  });

  it('are rotated: two of a name live, a third waits until one is revoked, whoever asks at once', async () => {
    const first = await keys.create('tum', { name: 'hall', role: 'lecturer', scopes: ['read', 'write'] });
    const tries = await Promise.allSettled([1, 2, 3, 4].map(() => keys.rotate(first.apiKey.id)));
    expect(tries.filter(({ status }) => status === 'fulfilled').length).toBeLessThanOrEqual(1);
    if (tries.every(({ status }) => status === 'rejected')) await keys.rotate(first.apiKey.id);
    const live = await keys.list('tum');
    expect(live.map(({ name, role, scopes }) => ({ name, role, scopes }))).toEqual(
      [1, 2].map(() => ({ name: 'hall', role: 'lecturer', scopes: ['read', 'write'] })),
    );
    await expect(keys.rotate(first.apiKey.id)).rejects.toMatchObject({ kind: 'conflict' });
    await keys.revoke(first.apiKey.id);
    await keys.rotate(live[1]?.id ?? '');
    await expect(keys.create('lmu', { name: 'hall', role: 'student' })).resolves.toBeDefined();
  });

  it('of another tenant are neither revoked nor rotated', async () => {
    const { apiKey, key } = await keys.create('tum', { name: 'a', role: 'admin' });
    await expect(keys.revoke(apiKey.id, 'lmu')).rejects.toMatchObject({ kind: 'not-found' });
    await expect(keys.rotate(apiKey.id, 'lmu')).rejects.toMatchObject({ kind: 'not-found' });
    expect(await keys.authenticate(key)).toBeDefined();
  });

  it('go with their tenant, and leave the others', async () => {
    const [tum, lmu] = [await keys.create('tum', { name: 'a', role: 'admin' }), await keys.create('lmu', { name: 'a', role: 'admin' })];
    expect(await keys.deleteTenant('tum')).toBe(1);
    expect(await keys.authenticate(tum.key)).toBeUndefined();
    expect(await keys.authenticate(lmu.key)).toBeDefined();
  });
});
