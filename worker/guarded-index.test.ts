import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { LecternError } from '../contracts/errors.ts';
import { openSqliteVectorIndex } from '../retrieval/sqlite/sqlite-vector-index.ts';
import type { VectorIndex } from '../retrieval/vector-index.ts';
import { guardIndex, type GuardedIndex } from './guarded-index.ts';

let folder: string;
let real: VectorIndex;
let calls: number;
/** What happens to a call before the real index has it. */
let fault: () => Promise<void>;
let index: GuardedIndex;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lectern-guard-'));
  real = await openSqliteVectorIndex({ path: join(folder, 'index.db') });
  calls = 0;
  fault = async () => undefined;
  const revision: VectorIndex['revision'] = async (tenantId) => {
    calls += 1;
    await fault();
    return real.revision(tenantId);
  };
  const faulty = new Proxy(real, {
    get: (target, name) => (name === 'revision' ? revision : (Reflect.get(target, name) as (...values: unknown[]) => unknown).bind(target)),
  });
  index = guardIndex(faulty, { deadlineMs: 200, maxFailures: 2, coolDownMs: 300 });
});
afterEach(async () => {
  await index.close();
  await rm(folder, { recursive: true });
});

const ask = () => index.revision('t');
const stalls = () => new Promise<void>(() => undefined);
const breaker = () => index.metrics()[0]?.samples.find(({ value }) => value === 1)?.labels['state'];

describe('a guarded index', () => {
  it('passes on what the index answers', async () => {
    expect(await ask()).toBeNull();
    expect(await index.catalogue('t')).toEqual([]);
  });

  it('is unavailable after its deadline, then at once, and serves again after a probe', async () => {
    fault = stalls;
    for (let failure = 0; failure < 2; failure += 1) {
      await expect(ask()).rejects.toMatchObject({
        kind: 'unavailable',
        message: expect.stringContaining('did not answer within 0.2 s') as string,
      });
    }
    await expect(ask()).rejects.toMatchObject({ kind: 'unavailable', message: expect.stringContaining('left alone') as string });
    expect([calls, breaker()]).toEqual([2, 'open']);

    fault = async () => undefined;
    await expect.poll(ask, { timeout: 30_000 }).toBeNull();
    expect(await ask()).toBeNull();
    expect(breaker()).toBe('closed');
  });

  it('does not take a refusal for a failure', async () => {
    fault = async () => {
      throw new LecternError('conflict', 'vectors of another model');
    };
    for (let refusal = 0; refusal < 4; refusal += 1) await expect(ask()).rejects.toMatchObject({ kind: 'conflict' });
    expect(calls).toBe(4);
  });
});
