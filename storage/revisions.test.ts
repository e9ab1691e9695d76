import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Lecture } from '../contracts/lecture.ts';
import { openFilesystemObjectStore } from './filesystem-object-store.ts';
import { artifactKey, revisionKey } from './keys.ts';
import { createLectureStore, type LectureStore } from './lectures.ts';
import type { ObjectStore } from './object-store.ts';
import { createRevisionStore, type NewRevision, type RevisionStore } from './revisions.ts';

const [tenantId, lectureId] = ['demo', `lec_${'0'.repeat(24)}`];
let folder: string;
let objects: ObjectStore;
let lectures: LectureStore;
let revisions: RevisionStore;
let lecture: Lecture;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lectern-revisions-'));
  objects = await openFilesystemObjectStore(folder);
  lectures = createLectureStore(objects);
  revisions = createRevisionStore({ objects, lectures });
  lecture = await lectures.create({
    tenantId,
    lectureId,
    metadata: {},
    media: { key: 'k', sha256: 'a'.repeat(64), bytes: 1 },
    state: 'ready',
    createdAt: '2026-11-21T00:00:00.000Z',
    updatedAt: '2026-11-21T00:00:00.000Z',
    speakerNames: { S1: 'Emmy' },
    artifacts: { transcript: refOf('a').key },
    degraded: [],
  });
});
afterEach(async () => {
  await objects.close();
  await rm(folder, { recursive: true });
});

function refOf(digit: string) {
  const digest = digit.repeat(64);
  return { key: artifactKey(tenantId, lectureId, 'edit', digest), digest };
}
function edit(digit: string, names: Record<string, string> = {}): NewRevision {
  const summary = { wordsAdded: 1, wordsRemoved: 0, wordsReassigned: 0, turns: 0, speakersRenamed: 0 };
  const origin = { kind: 'edit' as const, operations: [] };
  return { author: null, origin, summary, transcript: refOf(digit), machine: refOf('a'), speakerNames: names, lastLabel: 2 };
}
const numbersOf = async (of: Lecture) => (await revisions.list(of)).map(({ number, parent }) => [number, parent]);

describe('revisions', () => {
  it('call what the first ingest made the first, before anybody has edited and after', async () => {
    expect(await revisions.list(lecture)).toMatchObject([
      { number: 1, parent: null, transcript: refOf('a'), speakerNames: { S1: 'Emmy' } },
    ]);
    const after = await revisions.append(lecture, edit('b', { S1: 'Ada' }));
    expect(after).toMatchObject({
      speakerNames: { S1: 'Ada' },
      artifacts: { transcript: refOf('b').key },
      revision: { number: 2, transcript: refOf('b'), published: { number: 1, digest: 'a'.repeat(64) } },
    });
    expect(await numbersOf(after)).toEqual([
      [2, 1],
      [1, null],
    ]);
    expect((await revisions.get(after, 1)).speakerNames).toEqual({ S1: 'Emmy' });
    await expect(revisions.get(after, 3)).rejects.toMatchObject({ kind: 'not-found' });
  });

  it('gives each number once, however many write', async () => {
    const endings = await Promise.allSettled(['b', 'c', 'd', 'e'].map((digit) => revisions.append(lecture, edit(digit))));
    expect(endings.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    const latest = (await lectures.get(tenantId, lectureId))!;
    expect(latest.revision?.number).toBe(2);
    expect(latest.revision?.transcript).toEqual((await revisions.get(latest, 2)).transcript);
  });

  it('completes the revision of a writer that died before the document said so', async () => {
    const first = await revisions.append(lecture, edit('b'));
    await lectures.update(tenantId, lectureId, (latest) => ({ ...latest, revision: undefined, artifacts: lecture.artifacts }));
    await expect(revisions.append(lecture, edit('c'))).rejects.toMatchObject({ kind: 'conflict' });
    const latest = (await lectures.get(tenantId, lectureId))!;
    expect(latest.revision).toEqual(first.revision);
    expect((await revisions.append(latest, edit('c'))).revision).toMatchObject({ number: 3, transcript: refOf('c') });
  });

  it('counts a revision with the published transcript as published', async () => {
    const renamed = await revisions.append(lecture, edit('a', { S1: 'Ada' }));
    expect(renamed.revision?.published.number).toBe(2);
  });

  it('leaves nothing where the lecture was deleted meanwhile, and goes with it', async () => {
    await lectures.delete(tenantId, lectureId);
    await objects.put(refOf('b').key, Buffer.from('{}'));
    await expect(revisions.append(lecture, edit('b'))).rejects.toMatchObject({ kind: 'not-found' });
    expect(await objects.head(refOf('b').key)).toBeUndefined();
    expect(await objects.head(revisionKey(tenantId, lectureId, 2))).toBeUndefined();
    expect(await objects.head(revisionKey(tenantId, lectureId, 1))).toBeUndefined();
  });
});
