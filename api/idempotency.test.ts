import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, vi } from 'vitest';
import type { IngestAccepted } from '../contracts/api.ts';
import { openFilesystemObjectStore } from '../storage/filesystem-object-store.ts';
import * as keys from '../storage/keys.ts';
import { respondOnce, sweepResponses } from './idempotency.ts';

const KEY = keys.idempotencyKey('tum', 'a'.repeat(64));
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

it('takes a key for another request a day later, and sweeps what is that old', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'lectern-idempotency-'));
  vi.useFakeTimers({ toFake: ['Date'], now: Date.parse('2026-11-21T10:00:00Z') });
  try {
    const objects = await openFilesystemObjectStore(folder);
    const dayAfter = Date.parse('2026-11-22T10:00:00Z');
    const other = keys.idempotencyKey('tum', 'b'.repeat(64));
    const ofBefore = keys.idempotencyKey('tum', 'c'.repeat(64));
    for (const key of [KEY, other]) await respondOnce(objects, key, 'body', async () => ACCEPTED);
    await objects.put(ofBefore, Buffer.from(JSON.stringify({ bodyDigest: 'body', response: ACCEPTED })));
    expect(await sweepResponses({ objects, keys }, ['tum', 'lmu'], dayAfter - 1)).toBe(1);

    vi.setSystemTime(dayAfter);
    const LATER = { ...ACCEPTED, duplicate: true };
    expect(await respondOnce(objects, KEY, 'another body', async () => LATER)).toEqual(LATER);
    expect(await sweepResponses({ objects, keys }, ['tum'], dayAfter)).toBe(1);
    expect(await objects.head(other)).toBeUndefined();
    expect(await respondOnce(objects, KEY, 'another body', () => Promise.reject(new Error('answered already')))).toEqual(LATER);
  } finally {
    vi.useRealTimers();
    await rm(folder, { recursive: true });
  }
});

it('lets a request succeed whose claim was swept while it worked', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'lectern-idempotency-'));
  try {
    const objects = await openFilesystemObjectStore(folder);
    const answer = await respondOnce(objects, KEY, 'body', async () => {
      await objects.delete(KEY);
      return ACCEPTED;
    });
    expect(answer).toEqual(ACCEPTED);
  } finally {
    await rm(folder, { recursive: true });
  }
});
