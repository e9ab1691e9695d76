import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import type { IngestAccepted } from '../contracts/api.ts';
import { openFilesystemObjectStore } from '../storage/filesystem-object-store.ts';
import { idempotencyKey } from '../storage/keys.ts';
import { respondOnce } from './idempotency.ts';

const KEY = idempotencyKey('tum', 'a'.repeat(64));
const lectureId = `lec_${'1'.repeat(24)}`;
const ACCEPTED: IngestAccepted = { lectureId, jobId: `${lectureId}.00000000-0000-0000-0000-000000000000`, duplicate: false };

it('keeps the response of a request that succeeded beside one that failed', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'lectern-idempotency-'));
  try {
    const objects = await openFilesystemObjectStore(folder);
    const failed = respondOnce(objects, KEY, 'body', async () => {
      expect(await respondOnce(objects, KEY, 'body', async () => ACCEPTED)).toEqual(ACCEPTED);
      throw new Error('too late');
    });
    await expect(failed).rejects.toThrow('too late');
    await expect(respondOnce(objects, KEY, 'another body', async () => ACCEPTED)).rejects.toMatchObject({ kind: 'conflict' });
  } finally {
    await rm(folder, { recursive: true });
  }
});

it('forgets a key whose only request failed', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'lectern-idempotency-'));
  try {
    const objects = await openFilesystemObjectStore(folder);
    await expect(respondOnce(objects, KEY, 'body', () => Promise.reject(new Error('no')))).rejects.toThrow('no');
    expect(await respondOnce(objects, KEY, 'another body', async () => ACCEPTED)).toEqual(ACCEPTED);
  } finally {
    await rm(folder, { recursive: true });
  }
});
