import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { LecternError } from '../contracts/errors.ts';
import { createArtifactStore } from '../storage/artifacts.ts';
import { openFilesystemObjectStore } from '../storage/filesystem-object-store.ts';
import type { ObjectStore } from '../storage/object-store.ts';
import { runStage } from './run-stage.ts';

let folder: string;
let objects: ObjectStore;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lectern-run-stage-'));
  objects = await openFilesystemObjectStore(folder);
});
afterEach(async () => {
  await objects.close();
  await rm(folder, { recursive: true });
});

const id = { tenantId: 'demo', lectureId: 'lec_0123456789abcdef01234567', stage: 'chunk', version: 1, inputs: ['a'] };
const schema = z.object({ count: z.int() });
const going = new AbortController().signal;

function bound(store: ObjectStore, name: string | symbol): unknown {
  return (Reflect.get(store, name) as (...values: unknown[]) => unknown).bind(store);
}

describe('runStage', () => {
  it('computes once and finds the artifact afterwards', async () => {
    const artifacts = createArtifactStore({ objects });
    let computed = 0;
    const run = () => runStage(artifacts, going, { id, schema, compute: async () => ({ count: (computed += 1) }) });
    const first = await run();
    const second = await run();
    expect(first).toMatchObject({ reused: false, value: { count: 1 } });
    expect(second).toMatchObject({ reused: true, value: { count: 1 }, artifact: first.artifact });
    expect(computed).toBe(1);
  });

  it('computes anew for another input, and what was damaged', async () => {
    const artifacts = createArtifactStore({ objects });
    const compute = async () => ({ count: 1 });
    const { artifact } = await runStage(artifacts, going, { id, schema, compute });
    expect((await runStage(artifacts, going, { id: { ...id, inputs: ['b'] }, schema, compute })).reused).toBe(false);
    await objects.put(artifact.key, Buffer.from('{"sha256":"'));
    expect((await runStage(artifacts, going, { id, schema, compute })).reused).toBe(false);
  });

  it('leaves no artifact when it was given up meanwhile', async () => {
    const artifacts = createArtifactStore({ objects });
    const activity = new AbortController();
    const compute = async () => {
      activity.abort(new Error('given up'));
      return { count: 1 };
    };
    await expect(runStage(artifacts, activity.signal, { id, schema, compute })).rejects.toThrow('given up');
    expect(await artifacts.has(artifacts.ref(id))).toBe(false);
  });

  it('keeps what it computed while the store is away, and writes it when that is back', async () => {
    let puts = 0;
    const put: ObjectStore['put'] = async (...values) => {
      puts += 1;
      if (puts === 1) throw new LecternError('unavailable', 'the object store failed to put');
      return objects.put(...values);
    };
    const artifacts = createArtifactStore({
      objects: new Proxy(objects, { get: (target, name) => (name === 'put' ? put : bound(target, name)) }),
    });
    let computed = 0;
    const { artifact } = await runStage(artifacts, going, { id, schema, compute: async () => ({ count: (computed += 1) }) });
    expect(computed).toBe(1);
    expect(await artifacts.has(artifact)).toBe(true);
  });

  it('leaves no artifact when it fails', async () => {
    const artifacts = createArtifactStore({ objects });
    const compute = async () => Promise.reject(new Error('half way'));
    await expect(runStage(artifacts, going, { id, schema, compute })).rejects.toThrow('half way');
    expect(await artifacts.has(artifacts.ref(id))).toBe(false);
  });
});
