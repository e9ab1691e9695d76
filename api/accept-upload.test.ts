import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { LecternError } from '../contracts/errors.ts';
import type { IngestInput } from '../contracts/ingest.ts';
import { VocabularySchema } from '../contracts/vocabulary.ts';
import { createArtifactStore } from '../storage/artifacts.ts';
import { openFilesystemObjectStore } from '../storage/filesystem-object-store.ts';
import * as keys from '../storage/keys.ts';
import { createLectureStore, type LectureStore } from '../storage/lectures.ts';
import type { ObjectStore } from '../storage/object-store.ts';
import { createTenantSettingsStore } from '../storage/tenant-settings.ts';
import { acceptUpload, type AcceptDeps } from './accept-upload.ts';
import { createQuotaGuard } from './quotas.ts';
import { makeUploadId } from './upload-id.ts';
import type { Upload } from './upload.ts';

const SHA256 = 'a'.repeat(64);
const LECTURE = keys.toLectureId('tum', SHA256);
const JOB = `${LECTURE}.00000000-0000-0000-0000-000000000000`;

let folder: string;
let objects: ObjectStore;
let lectures: LectureStore;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lectern-accept-'));
  objects = await openFilesystemObjectStore(folder);
  lectures = createLectureStore(objects);
});
afterEach(() => rm(folder, { recursive: true }));

async function accept(start: (input: IngestInput) => Promise<string>, title = 'Codes', vocabulary?: string[]) {
  const key = keys.uploadKey('tum', makeUploadId(Date.now()));
  await objects.put(key, Buffer.from('sound'));
  const upload: Upload = { key, sha256: SHA256, bytes: 5, fileName: 'codes.mp3', fields: { title, priority: 'normal', vocabulary } };
  const jobs = { start } as unknown as AcceptDeps['jobs'];
  const quotas = createQuotaGuard({ settings: createTenantSettingsStore(objects), lectures });
  return acceptUpload({ objects, lectures, artifacts: createArtifactStore({ objects }), keys, jobs, quotas }, 'tum', upload);
}

const refuse = async (): Promise<never> => {
  throw new LecternError('unavailable', 'Temporal is away');
};

it('leaves a failed lecture as it was, reason included, when its new ingest cannot be started', async () => {
  await accept(async () => JOB);
  const failure = { kind: 'unsupported-media', stage: 'prepare', message: 'no recording' };
  const failed = await lectures.update('tum', LECTURE, (lecture) => ({ ...lecture, state: 'failed', failure }));
  await expect(accept(refuse, 'Codes, again')).rejects.toMatchObject({ kind: 'unavailable' });
  expect(await lectures.get('tum', LECTURE)).toEqual({ ...failed, updatedAt: expect.any(String) as string });
});

it('keeps nothing of a new lecture that cannot be started', async () => {
  await expect(accept(refuse)).rejects.toMatchObject({ kind: 'unavailable' });
  expect(await lectures.get('tum', LECTURE)).toBeUndefined();
});

it('keeps a lecture that another upload of the same recording was promised meanwhile', async () => {
  const first = accept(async () => {
    expect(await accept(async () => JOB, 'Second')).toMatchObject({ jobId: JOB, duplicate: true });
    return refuse();
  });
  await expect(first).rejects.toMatchObject({ kind: 'unavailable' });
  expect(await lectures.get('tum', LECTURE)).toMatchObject({ state: 'processing', metadata: { title: 'Second' } });
  expect(await objects.head(keys.mediaKey('tum', LECTURE))).toMatchObject({ bytes: 5 });
});

it('keeps the terms of a course with the lecture and tells Temporal only where', async () => {
  let told: IngestInput | undefined;
  await accept(
    async (input) => {
      told = input;
      return JOB;
    },
    'Codes',
    ['Emmy Noether'],
  );
  expect(JSON.stringify(told)).not.toContain('Noether');
  expect(await createArtifactStore({ objects }).read(told!.vocabulary!, VocabularySchema)).toEqual(['Emmy Noether']);
  await lectures.delete('tum', LECTURE);
  expect(await objects.head(told!.vocabulary!.key)).toBeUndefined();
});
