import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { assert, asyncProperty, integer } from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openFilesystemObjectStore } from './filesystem-object-store.ts';
import type { ObjectStore } from './object-store.ts';
import { openPcmObject } from './pcm-object-source.ts';

/** Three blocks and a bit. */
const TOTAL = 3 * 2 ** 18 + 1000;

describe('audio by ranges', () => {
  let root: string;
  let objects: ObjectStore;
  const samples = Int16Array.from({ length: TOTAL }, (_, i) => ((i * 7919) % 65_536) - 32_768);
  beforeAll(async () => {
    root = await mkdtemp(join(tmpdir(), 'lectern-pcm-'));
    objects = await openFilesystemObjectStore(root);
    await objects.put('audio.pcm', new Uint8Array(samples.buffer));
  });
  afterAll(() => rm(root, { recursive: true, force: true }));

  it('gives any stretch, clipped at both ends', async () => {
    const source = await openPcmObject(objects, 'audio.pcm');
    expect(source.totalSamples).toBe(TOTAL);
    const start = integer({ min: -10, max: TOTAL + 10 });
    const count = integer({ min: 0, max: 600_000 });
    const property = asyncProperty(start, count, async (from, length) => {
      const expected = samples.subarray(Math.max(0, from), Math.max(0, from + length));
      const got = await source.read(from, length);
      expect(got).toHaveLength(expected.length);
      const wrong = got.findIndex((sample, i) => sample !== (expected[i] ?? Number.NaN) / 32_768);
      expect(wrong).toBe(-1);
    });
    await assert(property, {
      numRuns: 25,
      examples: [
        [0, TOTAL],
        [2 ** 18 - 1, 2],
        [TOTAL - 1, 5],
        [TOTAL, 1],
      ],
    });
  });

  it('reads each block once while a reader goes forward', async () => {
    let reads = 0;
    const counting = {
      head: (key: string) => objects.head(key),
      stream: (...args: Parameters<ObjectStore['stream']>) => {
        reads += 1;
        return objects.stream(...args);
      },
    } as ObjectStore;
    const source = await openPcmObject(counting, 'audio.pcm');
    for (let at = 0; at < TOTAL; at += 16_000) await source.read(at, 32_000);
    expect(reads).toBe(4);
  });

  it('leaves out half a sample at the end, and says when there is no audio', async () => {
    await objects.put('odd.pcm', Buffer.from([0, 64, 7]));
    const source = await openPcmObject(objects, 'odd.pcm');
    expect(source.totalSamples).toBe(1);
    expect(await source.read(0, 10)).toEqual(Float32Array.of(0.5));
    await expect(openPcmObject(objects, 'none.pcm')).rejects.toMatchObject({ kind: 'not-found' });
  });
});
