import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Lecture } from '../contracts/lecture.ts';
import { openFilesystemObjectStore } from './filesystem-object-store.ts';
import { artifactKey, lectureKey, mediaKey, toLectureId } from './keys.ts';
import { createLectureStore, type LectureStore } from './lectures.ts';
import type { ObjectStore } from './object-store.ts';

function makeLecture(tenantId: string, recording: number): Lecture {
  const sha256 = recording.toString(16).padStart(64, '0');
  const lectureId = toLectureId(tenantId, sha256);
  const now = new Date().toISOString();
  const media = { key: mediaKey(tenantId, lectureId), sha256, bytes: 1 };
  const rest = { state: 'processing', createdAt: now, updatedAt: now, speakerNames: {}, artifacts: {}, degraded: [] } as const;
  return { tenantId, lectureId, metadata: { title: `Lecture ${recording}` }, media, ...rest, degraded: [] };
}

describe('lecture documents', () => {
  let root: string;
  let objects: ObjectStore;
  let lectures: LectureStore;
  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), 'lectern-lectures-'));
    objects = await openFilesystemObjectStore(root);
    lectures = createLectureStore(objects);
  });
  afterEach(() => rm(root, { recursive: true, force: true }));

  async function keysBelow(prefix: string): Promise<string[]> {
    const keys: string[] = [];
    for await (const { key } of objects.list(prefix)) keys.push(key);
    return keys;
  }

  it('are made once', async () => {
    const lecture = makeLecture('tum', 1);
    expect(await lectures.get('tum', lecture.lectureId)).toBeUndefined();
    await lectures.create(lecture);
    expect(await lectures.get('tum', lecture.lectureId)).toEqual(lecture);
    await expect(lectures.create(lecture)).rejects.toMatchObject({ kind: 'conflict' });
  });

  it('keep every one of many changes at once', async () => {
    const lecture = makeLecture('tum', 1);
    await lectures.create(lecture);
    const other = createLectureStore(await openFilesystemObjectStore(root));
    await Promise.all(
      Array.from({ length: 20 }, (_, i) =>
        (i % 2 === 0 ? lectures : other).update('tum', lecture.lectureId, (now) => ({
          ...now,
          speakerNames: { ...now.speakerNames, [`S${i}`]: `Speaker ${i}` },
        })),
      ),
    );
    expect(Object.keys((await lectures.get('tum', lecture.lectureId))?.speakerNames ?? {})).toHaveLength(20);
  });

  it('can be deleted again where a deletion was interrupted', async () => {
    const lecture = makeLecture('tum', 1);
    await lectures.create(lecture);
    await objects.put(lecture.media.key, Buffer.from('sound'));
    await objects.put(artifactKey('tum', lecture.lectureId, 'align', lecture.media.sha256), Buffer.from('{}'));
    // As a store without folders does it: key by key, until something is in the way.
    const failing = {
      async deletePrefix(prefix: string) {
        const keys = await keysBelow(prefix);
        for (const key of keys) {
          if (key === lecture.media.key) throw new Error('in the way');
          await objects.delete(key);
        }
        return keys.length;
      },
    } as ObjectStore;
    await expect(createLectureStore(failing).delete('tum', lecture.lectureId)).rejects.toThrow('in the way');
    expect(await lectures.get('tum', lecture.lectureId)).toEqual(lecture);
    expect(await lectures.delete('tum', lecture.lectureId)).toBe(2);
    expect(await keysBelow('tenants/tum/')).toEqual([]);
  });

  it('cannot be moved to another lecture or tenant by a change', async () => {
    const lecture = makeLecture('tum', 1);
    await lectures.create(lecture);
    const changed = await lectures.update('tum', lecture.lectureId, (now) => ({ ...now, tenantId: 'lmu', state: 'ready' }));
    expect(changed).toMatchObject({ tenantId: 'tum', state: 'ready' });
    expect(await lectures.get('lmu', lecture.lectureId)).toBeUndefined();
  });

  it('stay deleted when the deletion comes between a change and its write', async () => {
    const lecture = makeLecture('tum', 1);
    await lectures.create(lecture);
    const meddling = {
      get: (key: string) => objects.get(key),
      put: async (...args: Parameters<ObjectStore['put']>) => {
        await lectures.delete('tum', lecture.lectureId);
        return objects.put(...args);
      },
    } as ObjectStore;
    const update = createLectureStore(meddling).update('tum', lecture.lectureId, (now) => ({ ...now, state: 'ready' }));
    await expect(update).rejects.toMatchObject({ kind: 'not-found' });
    expect(await lectures.get('tum', lecture.lectureId)).toBeUndefined();
  });

  it('are listed by tenant, without the rest that lies beside them', async () => {
    const mine = [1, 2, 3].map((recording) => makeLecture('tum', recording));
    for (const lecture of [...mine, makeLecture('tum2', 1)]) {
      await lectures.create(lecture);
      await objects.put(lecture.media.key, Buffer.from('media'));
      await objects.put(artifactKey(lecture.tenantId, lecture.lectureId, 'align', 'ab'.repeat(32)), Buffer.from('{}'));
    }
    const listed: string[] = [];
    for await (const lecture of lectures.list('tum')) listed.push(lecture.lectureId);
    expect(listed).toEqual(mine.map((lecture) => lecture.lectureId).sort());
  });

  it('are listed from behind any lecture on, and only those asked for are read', async () => {
    const ids = Array.from({ length: 40 }, (_, recording) => makeLecture('tum', recording));
    for (const lecture of ids) await lectures.create(lecture);
    const sorted = ids.map(({ lectureId }) => lectureId).sort();
    let reads = 0;
    const counting = createLectureStore({
      listFolders: (prefix: string, after?: string) => objects.listFolders(prefix, after),
      get: (key: string) => {
        reads += 1;
        return objects.get(key);
      },
    } as ObjectStore);
    const listed: string[] = [];
    for await (const { lectureId } of counting.list('tum', sorted[3])) {
      listed.push(lectureId);
      if (listed.length === 10) break;
    }
    expect(listed).toEqual(sorted.slice(4, 14));
    expect(reads).toBe(16);
    const rest: string[] = [];
    for await (const { lectureId } of lectures.list('tum', sorted[20])) rest.push(lectureId);
    expect(rest).toEqual(sorted.slice(21));
  });

  it('go with everything that belongs to them', async () => {
    const [one, two] = [makeLecture('tum', 1), makeLecture('tum', 2)];
    for (const lecture of [one, two]) {
      await lectures.create(lecture);
      await objects.put(lecture.media.key, Buffer.from('media'));
    }
    expect(await lectures.delete('tum', one.lectureId)).toBe(2);
    expect(await objects.head(one.media.key)).toBeUndefined();
    expect(await objects.head(two.media.key)).toBeDefined();
  });

  it('say which document is damaged', async () => {
    const { lectureId } = makeLecture('tum', 1);
    const key = lectureKey('tum', lectureId);
    for (const body of ['', '{', '{}', '[]']) {
      await objects.put(key, Buffer.from(body));
      await expect(lectures.get('tum', lectureId)).rejects.toMatchObject({
        kind: 'internal',
        message: expect.stringContaining(key) as string,
      });
    }
  });
});
