import { randomBytes } from 'node:crypto';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseConfig } from '../contracts/config.ts';
import { openFilesystemObjectStore } from './filesystem-object-store.ts';
import { openObjectStore } from './open-object-store.ts';

describe('the object store of the configuration', () => {
  it('is a folder below LECTERN_DATA when nothing else is said', async () => {
    const root = await mkdtemp(join(tmpdir(), 'lectern-data-'));
    try {
      const store = await openObjectStore(parseConfig({ LECTERN_DATA: root }));
      await store.put('a/b', Buffer.from('x'));
      expect(await readdir(join(root, 'store'))).toEqual(expect.arrayContaining(['objects', 'tmp']));
    } finally {
      await rm(root, { recursive: true, force: true });
    }
  });

  it('is encrypted where a master key is given, and refused without it from then on', async () => {
    const root = await mkdtemp(join(tmpdir(), 'lectern-data-'));
    try {
      const store = await openObjectStore(parseConfig({ LECTERN_DATA: root, LECTERN_MASTER_KEY: randomBytes(32).toString('base64') }));
      await store.put('tenants/tum/settings.json', Buffer.from('chosen by the tenant'));
      await store.close();
      const below = await openFilesystemObjectStore(join(root, 'store'));
      expect(Buffer.from((await below.get('tenants/tum/settings.json')).body).includes('chosen')).toBe(false);
      await below.close();
      await expect(openObjectStore(parseConfig({ LECTERN_DATA: root }))).rejects.toMatchObject({ kind: 'invalid-input' });
    } finally {
      await rm(root, { recursive: true, force: true });
    }
  });

  it('is refused when MinIO is named without its keys', async () => {
    const config = parseConfig({ MINIO_URL: 'http://127.0.0.1:9' });
    await expect(openObjectStore(config)).rejects.toMatchObject({
      kind: 'invalid-input',
      cure: expect.stringContaining('MINIO') as string,
    });
  });
});
