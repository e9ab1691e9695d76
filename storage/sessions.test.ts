import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openFilesystemObjectStore } from './filesystem-object-store.ts';
import { SESSIONS_PREFIX } from './keys.ts';
import type { ObjectStore } from './object-store.ts';
import { createSessionStore } from './sessions.ts';

const API_KEY = `lk_${'k'.repeat(43)}`;
const HOUR_MS = 3600 * 1000;

describe('sessions', () => {
  let folder: string;
  let objects: ObjectStore;
  let now = Date.parse('2026-11-21T08:00:00Z');
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'lectern-sessions-'));
    objects = await openFilesystemObjectStore(folder);
  });
  afterEach(async () => {
    await objects.close();
    await rm(folder, { recursive: true });
  });

  it('give the API key back to who has the token, until they are closed', async () => {
    const sessions = createSessionStore(objects);
    const { token } = await sessions.open(API_KEY);
    expect(await sessions.resume(token)).toBe(API_KEY);
    expect(await sessions.resume('x'.repeat(43))).toBeUndefined();
    await sessions.close(token);
    expect(await sessions.resume(token)).toBeUndefined();
  });

  it('keep neither token nor API key where the store can be read', async () => {
    const { token } = await createSessionStore(objects).open(API_KEY);
    for await (const { key } of objects.list(SESSIONS_PREFIX)) {
      const text = key + Buffer.from((await objects.get(key)).body).toString('latin1');
      for (const secret of [token, API_KEY, Buffer.from(API_KEY).toString('base64').slice(4, -4)]) expect(text).not.toContain(secret);
    }
  });

  it('end after half a day without a request, and after a week with', async () => {
    const sessions = createSessionStore(objects, () => now);
    const idle = await sessions.open(API_KEY);
    const used = await sessions.open(API_KEY);
    for (let hours = 0; hours < 7 * 24 - 10; hours += 10) {
      now += 10 * HOUR_MS;
      expect(await sessions.resume(used.token)).toBe(API_KEY);
    }
    expect(await sessions.resume(idle.token)).toBeUndefined();
    now += 10 * HOUR_MS;
    expect(await sessions.resume(used.token)).toBeUndefined();
    expect(await sessions.sweep()).toBe(2);
  });
});
