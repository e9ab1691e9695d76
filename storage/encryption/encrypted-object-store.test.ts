import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { array, assert, asyncProperty, constantFrom, integer, oneof } from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openFilesystemObjectStore } from '../filesystem-object-store.ts';
import { tenantKeyKey, tenantOfKey } from '../keys.ts';
import type { ObjectStore } from '../object-store.ts';
import { createEncryptedObjectStore } from './encrypted-object-store.ts';
import { createMasterKeys } from './master-keys.ts';
import { FRAME_BYTES, HEADER_BYTES, SEALED_FRAME_BYTES } from './sealed-frames.ts';
import { createTenantKeys, type TenantKeys } from './tenant-keys.ts';

const KEY = 'tenants/tum/lectures/x';
let milliseconds = 0;
let root: string;
let raw: ObjectStore;
let keys: TenantKeys;
let store: ObjectStore;

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'lectern-sealed-'));
  raw = await openFilesystemObjectStore(root);
  keys = createTenantKeys({ objects: raw, masterKeys: createMasterKeys([randomBytes(32)]), now: () => milliseconds });
  store = createEncryptedObjectStore({ objects: raw, keys, ownerOf: tenantOfKey });
});
afterAll(async () => {
  await raw.close();
  await rm(root, { recursive: true, force: true });
});

async function collect(stream: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return Buffer.concat(chunks);
}

async function* inPieces(body: Buffer, sizes: readonly number[]): AsyncGenerator<Uint8Array> {
  for (let at = 0, turn = 0; at < body.length; turn += 1) {
    const size = sizes[turn % sizes.length] ?? 1;
    yield body.subarray(at, at + size);
    at += size;
  }
}

/** Around the bounds of frames, where mistakes are. */
const length = oneof(
  integer({ min: 0, max: 3 * FRAME_BYTES }),
  constantFrom(0, 1, FRAME_BYTES - 1, FRAME_BYTES, FRAME_BYTES + 1, 2 * FRAME_BYTES - 1, 2 * FRAME_BYTES, 2 * FRAME_BYTES + 1),
);
const refused = { kind: 'internal', message: expect.stringContaining(KEY) as string };

describe('an encrypted object', () => {
  it('comes back as it was put, whatever its length and the pieces it came in', async () => {
    await assert(
      asyncProperty(length, array(integer({ min: 1, max: 150_000 }), { minLength: 1, maxLength: 4 }), async (bytes, sizes) => {
        const body = randomBytes(bytes);
        const put = await store.put(KEY, inPieces(body, sizes));
        expect(put.bytes).toBe(bytes);
        expect(Buffer.compare((await store.get(KEY)).body, body)).toBe(0);
        expect(Buffer.compare(await collect(await store.stream(KEY)), body)).toBe(0);
        expect(await store.head(KEY)).toEqual(put);
      }),
      { numRuns: 40 },
    );
  });

  it('gives of any range what a slice gives', async () => {
    await assert(
      asyncProperty(length, length, length, async (bytes, from, to) => {
        const [start, end] = [Math.min(from, to), Math.max(from, to)];
        const body = randomBytes(bytes);
        await store.put(KEY, body);
        expect(Buffer.compare(await collect(await store.stream(KEY, { start, end })), body.subarray(start, end))).toBe(0);
      }),
      { numRuns: 60 },
    );
  });

  it('is nowhere readable in the store below', async () => {
    const secret = Buffer.from('the mitochondrion is the powerhouse of the cell');
    await store.put(KEY, secret);
    const { body } = await raw.get(KEY);
    expect(Buffer.from(body).includes(secret.subarray(0, 8))).toBe(false);
    expect(body).not.toEqual((await raw.get((await store.put(KEY, secret)).key)).body);
  });

  it('touches only the frames of the range', async () => {
    const asked: number[] = [];
    const watched: ObjectStore = {
      ...raw,
      stream: async (key, range) => {
        asked.push((range?.end ?? Infinity) - (range?.start ?? 0));
        return raw.stream(key, range);
      },
    };
    const body = randomBytes(20 * FRAME_BYTES);
    await store.put(KEY, body);
    const through = createEncryptedObjectStore({ objects: watched, keys, ownerOf: tenantOfKey });
    await collect(await through.stream(KEY, { start: 7 * FRAME_BYTES + 5, end: 8 * FRAME_BYTES + 5 }));
    expect(asked).toEqual([HEADER_BYTES, 2 * SEALED_FRAME_BYTES]);
  });
});

/** Every way of reading the whole object. */
const readings: [string, (bytes: number) => Promise<unknown>][] = [
  ['get', () => store.get(KEY)],
  ['stream', async () => collect(await store.stream(KEY))],
  ['range', async (bytes) => collect(await store.stream(KEY, { start: 0, end: bytes + 1 }))],
];

describe.each(readings)('damage, read by %s', (_, read) => {
  it('is refused for every byte that is flipped', async () => {
    await assert(
      asyncProperty(length, integer({ min: 0 }), integer({ min: 1, max: 255 }), async (bytes, place, mask) => {
        await store.put(KEY, randomBytes(bytes));
        const sealed = Buffer.from((await raw.get(KEY)).body);
        const at = place % sealed.length;
        sealed[at] = (sealed[at] ?? 0) ^ mask;
        await raw.put(KEY, sealed);
        // A key id that was flipped names a key that is not there.
        await expect(read(bytes)).rejects.toMatchObject({ kind: expect.stringMatching(/internal|conflict/) as string });
      }),
      { numRuns: 40 },
    );
    // Each byte of the header, which is short enough.
    await store.put(KEY, randomBytes(10));
    const { body } = await raw.get(KEY);
    for (let at = 0; at < HEADER_BYTES; at += 1) {
      const sealed = Buffer.from(body);
      sealed[at] = (sealed[at] ?? 0) ^ 1;
      await raw.put(KEY, sealed);
      await expect(read(10)).rejects.toMatchObject({ kind: expect.stringMatching(/internal|conflict/) as string });
    }
  });

  it('is refused wherever the object is cut off', async () => {
    await assert(
      asyncProperty(length, length, async (bytes, cut) => {
        await store.put(KEY, randomBytes(bytes));
        const { body } = await raw.get(KEY);
        await raw.put(KEY, body.subarray(0, Math.min(cut, body.length - 1)));
        await expect(read(bytes)).rejects.toMatchObject(refused);
      }),
      {
        numRuns: 30,
        examples: [
          [2 * FRAME_BYTES, HEADER_BYTES + SEALED_FRAME_BYTES],
          [2 * FRAME_BYTES, HEADER_BYTES + 2 * SEALED_FRAME_BYTES],
          [10, 0],
        ],
      },
    );
  });

  it('is refused when frames change places, or the object its place', async () => {
    await store.put(KEY, randomBytes(2 * FRAME_BYTES + 9));
    const { body } = await raw.get(KEY);
    const [one, two] = [HEADER_BYTES, HEADER_BYTES + SEALED_FRAME_BYTES];
    const swapped = [body.subarray(0, one), body.subarray(two, two + SEALED_FRAME_BYTES), body.subarray(one, two)];
    await raw.put(KEY, Buffer.concat([...swapped, body.subarray(two + SEALED_FRAME_BYTES)]));
    await expect(read(2 * FRAME_BYTES + 9)).rejects.toMatchObject(refused);
    await store.put('tenants/tum/lectures/y', randomBytes(9));
    await raw.put(KEY, (await raw.get('tenants/tum/lectures/y')).body);
    await expect(read(9)).rejects.toMatchObject(refused);
  });

  it('is refused when a plain object stands in for an encrypted one', async () => {
    await raw.put(KEY, Buffer.from('{"title":"not what was put here"}'));
    await expect(read(10)).rejects.toMatchObject({ kind: 'internal', message: expect.stringContaining('not encrypted') as string });
  });
});

describe('a store that was plain before', () => {
  const old = 'tenants/lmu/lectures/old';

  it('gives what was there, and encrypts what is written from now on', async () => {
    await raw.put(old, Buffer.from('written before'));
    expect(Buffer.from((await store.get(old)).body).toString()).toBe('written before');
    await store.put('tenants/lmu/lectures/new', Buffer.from('written after'));
    expect((await collect(await store.stream(old))).toString()).toBe('written before');
    expect((await collect(await store.stream(old, { start: 8, end: 99 }))).toString()).toBe('before');
    expect(await store.head(old)).toMatchObject({ bytes: 14 });
    const sizes: number[] = [];
    for await (const { bytes } of store.list('tenants/lmu/')) sizes.push(bytes);
    expect(sizes).toEqual([13, 14]);
    const { etag } = await store.put(old, Buffer.from('changed'), { ifMatch: (await store.get(old)).info.etag });
    expect((await store.get(old)).info).toEqual({ key: old, bytes: 7, etag });
    expect(Buffer.from((await raw.get(old)).body).includes('changed')).toBe(false);
  });

  it('tells a damaged beginning from a plain object', async () => {
    await store.put(old, randomBytes(100));
    const { body } = await raw.get(old);
    for (let at = 0; at < 16; at += 1) {
      const sealed = Buffer.from(body);
      sealed[at] = (sealed[at] ?? 0) ^ 0x20;
      await raw.put(old, sealed);
      await expect(store.get(old)).rejects.toMatchObject({ kind: 'internal' });
    }
  });
});

describe('a destroyed key', () => {
  it('makes what it sealed unreadable, says so, and leaves other tenants alone', async () => {
    await store.put('tenants/gone/a', Buffer.from('gone'));
    await store.put('tenants/stays/a', Buffer.from('stays'));
    await raw.delete(tenantKeyKey('gone'));
    milliseconds += 60_000;
    const destroyed = { kind: 'conflict', message: expect.stringMatching(/key [0-9a-f]{16} of tenant gone was destroyed/) as string };
    await expect(store.get('tenants/gone/a')).rejects.toMatchObject(destroyed);
    await expect(store.stream('tenants/gone/a')).rejects.toMatchObject(destroyed);
    await expect(store.stream('tenants/gone/a', { start: 0, end: 1 })).rejects.toMatchObject(destroyed);
    expect(Buffer.from((await store.get('tenants/stays/a')).body).toString()).toBe('stays');
    // A tenant of that name begins anew, and cannot read its former life either.
    await store.put('tenants/gone/b', Buffer.from('new'));
    await expect(store.get('tenants/gone/a')).rejects.toMatchObject(destroyed);
  });
});
