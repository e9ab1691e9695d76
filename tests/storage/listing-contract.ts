import { array, assert, asyncProperty, stringMatching, uniqueArray } from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ObjectStore } from '../../storage/object-store.ts';
import { bytes, keysOf } from './bodies.ts';
import { folder, type ContractSubject } from './contract-subject.ts';

/** Listing, deletion by prefix, and the keys and prefixes that are refused. */
export function describeListing({ store, other }: ContractSubject): void {
  describe('listing and deletion by prefix', () => {
    it('lists what begins with the prefix, by the bytes of the keys', async () => {
      const base = folder();
      const names = ['a/b', 'a/b.c', 'a-b', 'a.b', 'a/c/d', 'a0', 'B', 'ab/c', 'ab-', 'z/1', 'z/10', 'z/2'];
      for (const name of names) await store().put(`${base}/${name}`, bytes(name));
      const expected = names.map((key) => `${base}/${key}`).sort();
      expect(await keysOf(store(), `${base}/`)).toEqual(expected);
      expect(await keysOf(store(), `${base}/a`)).toEqual(expected.filter((key) => key.startsWith(`${base}/a`)));
      expect(await keysOf(store(), `${base}/z/1`)).toEqual([`${base}/z/1`, `${base}/z/10`]);
      expect(await keysOf(store(), `${base}/nothing`)).toEqual([]);
      for await (const info of store().list(`${base}/z/1`)) expect(info).toEqual(await store().head(info.key));
    });

    it('names the folders below a prefix, from any on', async () => {
      const base = folder();
      const names = ['a/1', 'a/b/2', 'a-b/1', 'a.b/c/d', 'a0/1', 'B/1', 'ab/1', 'file', 'z/1', 'z/2'];
      for (const name of names) await store().put(`${base}/${name}`, bytes(name));
      const all = ['B', 'a-b', 'a.b', 'a', 'a0', 'ab', 'z'];
      expect(await foldersOf(store(), `${base}/`)).toEqual(all);
      for (const [at, name] of all.entries()) expect(await foldersOf(other(), `${base}/`, name)).toEqual(all.slice(at + 1));
      expect(await foldersOf(store(), `${base}/`, 'aa')).toEqual(['ab', 'z']);
      expect(await foldersOf(store(), `${base}/a/`)).toEqual(['b']);
      expect(await foldersOf(store(), `${base}/nothing/`)).toEqual([]);
      await expect(foldersOf(store(), base)).rejects.toMatchObject({ kind: 'invalid-input' });
      await expect(foldersOf(store(), `${base}/`, '../z')).rejects.toMatchObject({ kind: 'invalid-input' });
    });

    it('agrees with a sorted list for any set of keys', async () => {
      const segment = stringMatching(/^[A-Za-z0-9._-]{1,6}$/).filter((part) => part !== '.' && part !== '..');
      const keys = uniqueArray(
        array(segment, { minLength: 1, maxLength: 4 }).map((parts) => parts.join('/')),
        { minLength: 1, maxLength: 12 },
      );
      await assert(
        asyncProperty(keys, async (drawn) => {
          // No key is the folder of another: see `ObjectStore`.
          const names = drawn.filter((key) => !drawn.some((longer) => longer.startsWith(`${key}/`)));
          const base = folder();
          await Promise.all(names.map((key) => store().put(`${base}/${key}`, bytes(key))));
          expect(await keysOf(store(), `${base}/`)).toEqual(names.map((key) => `${base}/${key}`).sort());
          expect(await store().deletePrefix(`${base}/`)).toBe(names.length);
          expect(await keysOf(store(), `${base}/`)).toEqual([]);
        }),
        { numRuns: 15 },
      );
    });

    it('deletes a folder and nothing beside it', async () => {
      const base = folder();
      for (const name of ['l1/lecture.json', 'l1/artifacts/asr/x.json', 'l10/lecture.json', 'l1-/x'])
        await store().put(`${base}/${name}`, bytes(name));
      expect(await store().deletePrefix(`${base}/l1/`)).toBe(2);
      expect(await keysOf(other(), `${base}/`)).toEqual([`${base}/l1-/x`, `${base}/l10/lecture.json`]);
      expect(await store().deletePrefix(`${base}/l1/`)).toBe(0);
      await store().put(`${base}/l1/lecture.json`, bytes('again'));
      expect(await keysOf(store(), `${base}/l1/`)).toEqual([`${base}/l1/lecture.json`]);
    });

    it('deletes more than one page of objects', async () => {
      const base = folder();
      for (let from = 0; from < 1100; from += 100) {
        await Promise.all(Array.from({ length: 100 }, (_, i) => store().put(`${base}/${from + i}`, bytes('x'))));
      }
      expect(await keysOf(store(), `${base}/`)).toHaveLength(1100);
      expect(await store().deletePrefix(`${base}/`)).toBe(1100);
      expect(await keysOf(store(), `${base}/`)).toEqual([]);
    });
  });

  describe('hostile keys', () => {
    const hostile = [
      '',
      '/',
      '/etc/passwd',
      '../x',
      'a/../b',
      'a/..',
      '..',
      '.',
      'a/./b',
      'a//b',
      'a/',
      'a b',
      'a\0b',
      'a\\b',
      'a@',
      'ü',
      'a/%2e%2e/b',
      'x'.repeat(201),
      'y/'.repeat(500) + 'y',
    ];
    it.each(hostile)('refuses %j', async (key) => {
      await expect(store().put(key, bytes('x'))).rejects.toMatchObject({ kind: 'invalid-input' });
      await expect(store().get(key)).rejects.toMatchObject({ kind: 'invalid-input' });
      await expect(store().stream(key)).rejects.toMatchObject({ kind: 'invalid-input' });
      await expect(store().head(key)).rejects.toMatchObject({ kind: 'invalid-input' });
      await expect(store().delete(key)).rejects.toMatchObject({ kind: 'invalid-input' });
    });
    it.each(['', 'a', '/', '../', 'a/../', 'a//', 'a b/'])('refuses to delete below %j', async (prefix) => {
      await expect(store().deletePrefix(prefix)).rejects.toMatchObject({ kind: 'invalid-input' });
    });
    it.each(['/', '../', 'a/../b', 'a//b', 'a b', '..'])('refuses to list %j', async (prefix) => {
      await expect(keysOf(store(), prefix)).rejects.toMatchObject({ kind: 'invalid-input' });
    });
  });
}

async function foldersOf(store: ObjectStore, prefix: string, after?: string): Promise<string[]> {
  const names: string[] = [];
  for await (const name of store.listFolders(prefix, after)) names.push(name);
  return names;
}
