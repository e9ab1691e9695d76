import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { defaultPayloadConverter, type Payload, type SerializationContext } from '@temporalio/common';
import { assert, asyncProperty, integer, jsonValue } from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { LecternError } from '../../contracts/errors.ts';
import { createMasterKeys } from '../../storage/encryption/master-keys.ts';
import { createTenantKeys } from '../../storage/encryption/tenant-keys.ts';
import { openFilesystemObjectStore } from '../../storage/filesystem-object-store.ts';
import { tenantKeyKey } from '../../storage/keys.ts';
import type { ObjectStore } from '../../storage/object-store.ts';
import { createPayloadCodec, ownerOf } from './payload-codec.ts';

const masterKeys = createMasterKeys([randomBytes(32)]);
let milliseconds = 0;
let root: string;
let objects: ObjectStore;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'lectern-codec-'));
  objects = await openFilesystemObjectStore(root);
});
afterAll(async () => {
  await objects.close();
  await rm(root, { recursive: true, force: true });
});

const newCodec = () => createPayloadCodec({ masterKeys, tenantKeys: createTenantKeys({ objects, masterKeys, now: () => milliseconds }) });
const of = (workflowId: string): SerializationContext => ({ type: 'workflow', namespace: 'default', workflowId });
const toPayload = (value: unknown): Payload => defaultPayloadConverter.toPayload(value);

describe('the payload codec', () => {
  it('gives back any payload, to another process and without a context too', async () => {
    await assert(
      asyncProperty(jsonValue(), async (value) => {
        const encoded = await newCodec().encode([toPayload(value)], of('tum/lec/ingest'));
        expect(ownerOf(encoded[0]!)).toBe('tum');
        for (const context of [of('tum/lec/ingest'), undefined]) {
          const [decoded] = await newCodec().decode(encoded, context);
          expect(defaultPayloadConverter.fromPayload(decoded!)).toEqual(JSON.parse(JSON.stringify(value)));
        }
      }),
      { numRuns: 30 },
    );
  });

  it('shows nothing of the payload, and refuses it with any byte flipped', async () => {
    const codec = newCodec();
    const [encoded] = await codec.encode([toPayload({ error: 'the planted error' })], of('tum/lec/ingest'));
    expect(Buffer.from(encoded!.data!).includes('planted')).toBe(false);
    await assert(
      asyncProperty(integer({ min: 0, max: encoded!.data!.length - 1 }), integer({ min: 1, max: 255 }), async (at, mask) => {
        const data = Buffer.from(encoded!.data!);
        data[at] = (data[at] ?? 0) ^ mask;
        await expect(codec.decode([{ ...encoded, data }], of('tum/lec/ingest'))).rejects.toMatchObject({ kind: 'internal' });
      }),
      { numRuns: 40 },
    );
  });

  it('lets plain payloads pass, of runs that are older than encryption', async () => {
    const plain = toPayload({ a: 1 });
    expect(await newCodec().decode([plain], of('tum/lec/ingest'))).toEqual([plain]);
  });

  it('refuses a payload of another tenant in a history', async () => {
    const encoded = await newCodec().encode([toPayload(1)], of('tum/lec/ingest'));
    await expect(newCodec().decode(encoded, of('lmu/lec/ingest'))).rejects.toMatchObject({ kind: 'internal' });
    const name = Buffer.from(encoded[0]!.metadata!['lectern-key']!).toString().replace('tum', 'lmu');
    const renamed = { ...encoded[0], metadata: { ...encoded[0]!.metadata, 'lectern-key': Buffer.from(name) } };
    await expect(newCodec().decode([renamed], of('lmu/lec/ingest'))).rejects.toMatchObject({ kind: 'conflict' });
  });

  it('encodes what belongs to no workflow, and a tenant’s erasure, by a key of the installation', async () => {
    for (const context of [undefined, of('someone-elses-workflow'), of('tum/erase')]) {
      const encoded = await newCodec().encode([toPayload('x')], context);
      expect(ownerOf(encoded[0]!)).toBeNull();
      expect(defaultPayloadConverter.fromPayload((await newCodec().decode(encoded, context))[0]!)).toBe('x');
    }
  });

  it('encodes an error while the store of the keys is away: a worker must be able to say that', async () => {
    const away = { get: async () => Promise.reject(new LecternError('unavailable', 'away')) };
    const tenantKeys = createTenantKeys({ objects: { ...objects, ...away }, masterKeys });
    const encoded = await createPayloadCodec({ masterKeys, tenantKeys }).encode([toPayload('the store is away')], of('tum/lec/ingest'));
    expect(ownerOf(encoded[0]!)).toBeNull();
    expect(defaultPayloadConverter.fromPayload((await newCodec().decode(encoded, of('tum/lec/ingest')))[0]!)).toBe('the store is away');
  });

  it('cannot decode after the key was destroyed', async () => {
    const codec = newCodec();
    const encoded = await codec.encode([toPayload('x')], of('gone/lec/ingest'));
    await objects.delete(tenantKeyKey('gone'));
    milliseconds += 60_000;
    const destroyed = { kind: 'conflict', message: expect.stringContaining('of tenant gone was destroyed') as string };
    await expect(codec.decode(encoded, of('gone/lec/ingest'))).rejects.toMatchObject(destroyed);
  });
});
