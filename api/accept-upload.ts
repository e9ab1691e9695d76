import type { IngestAccepted, IngestFields } from '../contracts/api.ts';
import { isKind } from '../contracts/errors.ts';
import type { LectureId, TenantId } from '../contracts/identity.ts';
import type { ArtifactRef } from '../contracts/ingest.ts';
import { LectureMetadataSchema, type Lecture } from '../contracts/lecture.ts';
import type { Vocabulary } from '../contracts/vocabulary.ts';
import type { ApiDeps } from './dependencies.ts';
import type { Upload } from './upload.ts';

export type AcceptDeps = Pick<ApiDeps, 'objects' | 'lectures' | 'keys' | 'jobs' | 'artifacts' | 'quotas'>;

/**
 * Makes a complete upload a lecture and starts its ingest. The same bytes are the same lecture: a second upload replaces
 * the metadata that it gives and joins the run that is under way. When the ingest cannot be started, all is as it was before.
 */
export async function acceptUpload(deps: AcceptDeps, tenantId: TenantId, upload: Upload): Promise<IngestAccepted> {
  const lectureId = deps.keys.toLectureId(tenantId, upload.sha256);
  const before = await deps.lectures.get(tenantId, lectureId);
  const mediaKey = deps.keys.mediaKey(tenantId, lectureId);
  const metadata = pickMetadata(upload.fields);
  const created =
    before === undefined
      ? await deps.quotas.withRoom(tenantId, upload.bytes, () =>
          createLecture(deps, tenantId, lectureId, upload, { ...toDefaultTitle(upload.fileName), ...metadata }),
        )
      : undefined;
  if (created === undefined) {
    await deps.lectures.update(tenantId, lectureId, (lecture) => withMetadata(lecture, { ...lecture.metadata, ...metadata }));
  }
  try {
    const { language, speakers, priority, vocabulary } = upload.fields;
    const options = { priority, ...(language === undefined ? {} : { language }), ...(speakers === undefined ? {} : { speakers }) };
    const media = { key: mediaKey, sha256: upload.sha256, bytes: upload.bytes };
    const terms = vocabulary === undefined ? {} : { vocabulary: await keepVocabulary(deps, tenantId, lectureId, vocabulary) };
    const input = { tenantId, lectureId, media, options, ...terms };
    const jobId = await deps.jobs.start(input, { ...before?.metadata, ...metadata }, created?.createdAt);
    return { jobId, lectureId, duplicate: created === undefined };
  } catch (error) {
    await (created === undefined ? restore(deps, before) : remove(deps, created));
    throw error;
  }
}

/** Terms go with the lecture's artifacts: they may name people, so Temporal is told where they lie. */
async function keepVocabulary(
  { artifacts }: Pick<ApiDeps, 'artifacts'>,
  tenantId: TenantId,
  lectureId: LectureId,
  vocabulary: Vocabulary,
): Promise<ArtifactRef> {
  const ref = artifacts.ref({ tenantId, lectureId, stage: 'vocabulary', version: 1, inputs: [], options: vocabulary });
  await artifacts.write(ref, vocabulary);
  return ref;
}

/** `undefined` when another request made the lecture in the meantime. */
async function createLecture(
  { objects, lectures, keys }: AcceptDeps,
  tenantId: TenantId,
  lectureId: LectureId,
  upload: Upload,
  metadata: Lecture['metadata'],
): Promise<Lecture | undefined> {
  const key = keys.mediaKey(tenantId, lectureId);
  // Before the document: a lecture without its recording must never be seen. The recording's key is its content's digest, so
  // one that lies there already has the same bytes.
  if ((await objects.head(key)) === undefined) await objects.put(key, await objects.stream(upload.key));
  const now = new Date().toISOString();
  try {
    return await lectures.create({
      tenantId,
      lectureId,
      metadata,
      media: { key, sha256: upload.sha256, bytes: upload.bytes },
      state: 'processing',
      createdAt: now,
      updatedAt: now,
      speakerNames: {},
      artifacts: {},
      degraded: [],
    });
  } catch (error) {
    if (isKind(error, 'conflict')) return undefined;
    throw error;
  }
}

/** Unless another upload of the same recording came meanwhile: it has changed the document, and may have been told that all is well. */
async function remove({ lectures }: AcceptDeps, created: Lecture): Promise<void> {
  const { tenantId, lectureId, updatedAt } = created;
  if ((await lectures.get(tenantId, lectureId))?.updatedAt === updatedAt) await lectures.delete(tenantId, lectureId);
}

/** Puts back what the upload changed; a run that has ended meanwhile keeps the last word on the state. */
async function restore({ lectures }: AcceptDeps, before: Lecture | undefined): Promise<void> {
  if (before === undefined) return;
  const { tenantId, lectureId, metadata, state, failure } = before;
  await lectures.update(tenantId, lectureId, (lecture) => {
    if (lecture.state !== 'processing') return { ...lecture, metadata };
    return { ...lecture, metadata, state, ...(failure === undefined ? {} : { failure }) };
  });
}

/** A ready lecture stays ready while it is ingested anew: readers keep the generation they have. */
function withMetadata(lecture: Lecture, metadata: Lecture['metadata']): Lecture {
  const { failure: _, ...rest } = lecture;
  return { ...rest, metadata, state: lecture.state === 'ready' ? 'ready' : 'processing' };
}

function pickMetadata({ title, course, semester, recordedAt }: IngestFields): Lecture['metadata'] {
  const given = Object.entries({ title, course, semester, recordedAt }).filter(([, value]) => value !== undefined);
  return Object.fromEntries(given);
}

/** A library of nameless lectures is of little use: a new one is called like its file until someone gives it a title. */
function toDefaultTitle(fileName: string | undefined): Lecture['metadata'] {
  const baseName = (fileName ?? '').split(/[/\\]/).at(-1) ?? '';
  const title = LectureMetadataSchema.shape.title.safeParse(
    baseName
      .replace(/\.[A-Za-z0-9]{1,5}$/, '')
      .replaceAll(/\p{Cc}/gu, ' ')
      .slice(0, 300),
  );
  return title.success ? { title: title.data } : {};
}
