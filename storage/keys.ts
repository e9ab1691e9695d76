import { createHash } from 'node:crypto';
import { LecternError } from '../contracts/errors.ts';
import { LectureIdSchema, Sha256Schema, TenantIdSchema, type LectureId, type TenantId } from '../contracts/identity.ts';

/*
 * The only place that makes object keys. Nothing in a key comes from a client's file name, and every part is checked: a key
 * of one tenant can never be bent into another's.
 *
 *   tenants/{tenant}/lectures/{lecture}/lecture.json
 *                                      /media/original
 *                                      /artifacts/{stage}/{digest}.json      and artifacts/prepare/{digest}[.left|.right].pcm
 *                                      /revisions/{number}.json     of the transcript
 *   tenants/{tenant}/uploads/{upload}            a body on its way in, until its digest is known
 *   tenants/{tenant}/idempotency/{sha256}.json   answers by the digest of their idempotency key
 *   tenants/{tenant}/unpublished/{lecture}.json  an edit that Temporal has not heard of yet
 *   tenants/{tenant}/settings.json               what the tenant has chosen
 *   tenants/{tenant}/questions/{sha256}.json     questions that measure a semester, by the digest of its name
 *   tenants/{tenant}/reindexes/{reindex}/plan.json and lectures/{lecture}.json   what a re-index works on and can undo
 *   tenants/{tenant}/voiceprints.json            voices that people have put names to
 *   keys/{sha256}.json                           API keys by their digest
 *   erasures/{tenant}.json                       that a tenant is being erased, and the proofs of those that were
 *   tenant-keys/{tenant}.json                    the tenant's encryption key, wrapped: apart from what it seals
 *   sessions/{sha256}.json                       signed-in browsers by the digest of their token
 */

export const API_KEYS_PREFIX = 'keys/';
export const TENANTS_PREFIX = 'tenants/';
export const TENANT_KEYS_PREFIX = 'tenant-keys/';
export const SESSIONS_PREFIX = 'sessions/';
const UPLOAD_ID = /^[A-Za-z0-9-]{1,64}$/;
const REVISION = /^\d{8}$/;
/** As a schedule makes them: its name and a time. */
const REINDEX_ID = /^[A-Za-z0-9][A-Za-z0-9:-]{0,120}$/;
const STAGE = /^[A-Za-z][A-Za-z0-9-]{0,40}$/;

/** The same recording of the same tenant is the same lecture. */
export function toLectureId(tenantId: TenantId, mediaSha256: string): LectureId {
  const digest = createHash('sha256')
    .update(`${checked(TenantIdSchema, tenantId)}\n${checked(Sha256Schema, mediaSha256)}`)
    .digest('hex');
  return `lec_${digest.slice(0, 24)}`;
}

export function lecturesPrefix(tenantId: TenantId): string {
  return `${tenantPrefix(tenantId)}lectures/`;
}

/** All that belongs to a lecture and goes with it. */
export function lecturePrefix(tenantId: TenantId, lectureId: LectureId): string {
  return `${lecturesPrefix(tenantId)}${checked(LectureIdSchema, lectureId)}/`;
}

export function lectureKey(tenantId: TenantId, lectureId: LectureId): string {
  return `${lecturePrefix(tenantId, lectureId)}lecture.json`;
}

export function mediaKey(tenantId: TenantId, lectureId: LectureId): string {
  return `${lecturePrefix(tenantId, lectureId)}media/original`;
}

export function artifactKey(tenantId: TenantId, lectureId: LectureId, stage: string, digest: string): string {
  return `${lecturePrefix(tenantId, lectureId)}artifacts/${matching(STAGE, stage)}/${checked(Sha256Schema, digest)}.json`;
}

export function revisionKey(tenantId: TenantId, lectureId: LectureId, number: number): string {
  return `${lecturePrefix(tenantId, lectureId)}revisions/${matching(REVISION, String(number).padStart(8, '0'))}.json`;
}

/** Whether an object holds the voices of a lecture's speakers: the artifact of the stage `voices`. */
export function isVoicesKey(key: string): boolean {
  return /^tenants\/[^/]+\/lectures\/[^/]+\/artifacts\/voices\//.test(key);
}

/** The decoded audio beside the artifact of `prepare`, under the same digest; of one channel alone where `channel` says which. */
export function audioKey(tenantId: TenantId, lectureId: LectureId, digest: string, channel?: 'left' | 'right'): string {
  const name = `${checked(Sha256Schema, digest)}${channel === undefined ? '' : `.${channel}`}`;
  return `${lecturePrefix(tenantId, lectureId)}artifacts/prepare/${name}.pcm`;
}

export function uploadsPrefix(tenantId: TenantId): string {
  return `${tenantPrefix(tenantId)}uploads/`;
}

export function uploadKey(tenantId: TenantId, uploadId: string): string {
  return `${uploadsPrefix(tenantId)}${matching(UPLOAD_ID, uploadId)}`;
}

export function idempotencyPrefix(tenantId: TenantId): string {
  return `${tenantPrefix(tenantId)}idempotency/`;
}

export function idempotencyKey(tenantId: TenantId, keySha256: string): string {
  return `${idempotencyPrefix(tenantId)}${checked(Sha256Schema, keySha256)}.json`;
}

export function questionsKey(tenantId: TenantId, semester: string): string {
  return `${tenantPrefix(tenantId)}questions/${createHash('sha256').update(semester).digest('hex')}.json`;
}

export function reindexPrefix(tenantId: TenantId, reindexId: string): string {
  return `${tenantPrefix(tenantId)}reindexes/${matching(REINDEX_ID, reindexId).replaceAll(':', '.')}/`;
}

export function reindexPlanKey(tenantId: TenantId, reindexId: string): string {
  return `${reindexPrefix(tenantId, reindexId)}plan.json`;
}

export function reindexedLecturesPrefix(tenantId: TenantId, reindexId: string): string {
  return `${reindexPrefix(tenantId, reindexId)}lectures/`;
}

export function reindexedLectureKey(tenantId: TenantId, reindexId: string, lectureId: LectureId): string {
  return `${reindexedLecturesPrefix(tenantId, reindexId)}${checked(LectureIdSchema, lectureId)}.json`;
}

export function unpublishedPrefix(tenantId: TenantId): string {
  return `${tenantPrefix(tenantId)}unpublished/`;
}

export function unpublishedKey(tenantId: TenantId, lectureId: LectureId): string {
  return `${unpublishedPrefix(tenantId)}${checked(LectureIdSchema, lectureId)}.json`;
}

export function tenantSettingsKey(tenantId: TenantId): string {
  return `${tenantPrefix(tenantId)}settings.json`;
}

export function voiceprintsKey(tenantId: TenantId): string {
  return `${tenantPrefix(tenantId)}voiceprints.json`;
}

export function erasureKey(tenantId: TenantId): string {
  return `erasures/${checked(TenantIdSchema, tenantId)}.json`;
}

export function apiKeyKey(keySha256: string): string {
  return `${API_KEYS_PREFIX}${checked(Sha256Schema, keySha256)}.json`;
}

export function sessionKey(tokenSha256: string): string {
  return `${SESSIONS_PREFIX}${checked(Sha256Schema, tokenSha256)}.json`;
}

export function tenantKeyKey(tenantId: TenantId): string {
  return `${TENANT_KEYS_PREFIX}${checked(TenantIdSchema, tenantId)}.json`;
}

/** Whose an object is; `undefined` for what belongs to the installation. */
export function tenantOfKey(key: string): TenantId | undefined {
  const tenantId = TenantIdSchema.safeParse(/^tenants\/([^/]+)\//.exec(key)?.[1]);
  return tenantId.success ? tenantId.data : undefined;
}

/** All that is a tenant's own. */
export function tenantPrefix(tenantId: TenantId): string {
  return `tenants/${checked(TenantIdSchema, tenantId)}/`;
}

function checked(schema: { safeParse(value: string): { success: boolean } }, part: string): string {
  if (!schema.safeParse(part).success) throw unfit(part);
  return part;
}

function matching(pattern: RegExp, part: string): string {
  if (!pattern.test(part)) throw unfit(part);
  return part;
}

function unfit(part: string): LecternError {
  return new LecternError('invalid-input', `not fit for an object key: ${JSON.stringify(part.slice(0, 100))}`);
}
