import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { createArtifactStore, type ArtifactId, type ArtifactStore } from './artifacts.ts';
import { openFilesystemObjectStore } from './filesystem-object-store.ts';
import type { ObjectStore } from './object-store.ts';

const id: ArtifactId = {
  tenantId: 'tum',
  lectureId: 'lec_0123456789abcdef01234567',
  stage: 'transcribe',
  version: 1,
  inputs: ['a', 'b'],
  model: { name: 'whisper-base', revision: 'd01c3014881c', precision: 'int8' },
  options: { language: 'de', beam: 1 },
};
const Schema = z.object({ words: z.array(z.string()) });

describe('artifacts', () => {
  let root: string;
  let objects: ObjectStore;
  let artifacts: ArtifactStore;
  let damaged: string[];
  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), 'lectern-artifacts-'));
    objects = await openFilesystemObjectStore(root);
    damaged = [];
    artifacts = createArtifactStore({ objects, onDamaged: (key) => damaged.push(key) });
  });
  afterEach(() => rm(root, { recursive: true, force: true }));

  it('are named by all that they depend on, and by nothing else', () => {
    const { digest, key } = artifacts.ref(id);
    expect(key).toBe(`tenants/tum/lectures/${id.lectureId}/artifacts/transcribe/${digest}.json`);
    expect(artifacts.ref({ ...id, options: { beam: 1, language: 'de' } }).digest).toBe(digest);
    const others = [
      { version: 2 },
      { inputs: ['b', 'a'] },
      { inputs: ['ab'] },
      { stage: 'align' },
      { model: null },
      { model: { name: 'whisper-base', revision: 'd01c3014881c', precision: 'fp16' } },
      { options: { language: 'en', beam: 1 } },
      { options: undefined },
    ];
    const digests = others.map((other) => artifacts.ref({ ...id, ...other }).digest);
    expect(new Set([digest, ...digests]).size).toBe(others.length + 1);
  });

  it('come back as they were written', async () => {
    const ref = artifacts.ref(id);
    expect(await artifacts.has(ref)).toBe(false);
    await expect(artifacts.read(ref, Schema)).rejects.toMatchObject({ kind: 'not-found' });
    await artifacts.write(ref, { words: ['Grüße', '你好', '"}'] });
    expect(await artifacts.has(ref)).toBe(true);
    expect(await artifacts.read(ref, Schema)).toEqual({ words: ['Grüße', '你好', '"}'] });
    expect(JSON.parse(Buffer.from((await objects.get(ref.key)).body).toString())).toMatchObject({
      value: { words: ['Grüße', '你好', '"}'] },
    });
  });

  it('count as absent when any byte is damaged, are reported, and can be written anew', async () => {
    const ref = artifacts.ref(id);
    await artifacts.write(ref, { words: ['one'] });
    const { body } = await objects.get(ref.key);
    for (let at = 0; at < body.length; at += 1) {
      // The last brace is outside of the checksum and never looked at.
      if (at === body.length - 1) continue;
      const broken = Buffer.from(body);
      broken[at] = (broken[at] ?? 0) ^ 1;
      await objects.put(ref.key, broken);
      expect(await artifacts.has(ref)).toBe(false);
    }
    for (const length of [0, 10, 64, body.length - 2]) {
      await objects.put(ref.key, body.subarray(0, length));
      expect(await artifacts.has(ref)).toBe(false);
      await expect(artifacts.read(ref, Schema)).rejects.toMatchObject({
        kind: 'internal',
        message: expect.stringContaining(ref.key) as string,
      });
    }
    expect(new Set(damaged)).toEqual(new Set([ref.key]));
    await artifacts.write(ref, { words: ['two'] });
    expect(await artifacts.read(ref, Schema)).toEqual({ words: ['two'] });
  });

  it('are not handed on when they are of another schema', async () => {
    const ref = artifacts.ref(id);
    await artifacts.write(ref, { words: 'not a list' });
    await expect(artifacts.read(ref, Schema)).rejects.toMatchObject({
      kind: 'internal',
      message: expect.stringContaining('words') as string,
    });
  });
});
