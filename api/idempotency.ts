import { createHash } from 'node:crypto';
import { z } from 'zod';
import { IngestAcceptedSchema, type IngestAccepted } from '../contracts/api.ts';
import { isKind, LecternError } from '../contracts/errors.ts';
import type { LectureId, TenantId } from '../contracts/identity.ts';
import type { ObjectStore } from '../storage/object-store.ts';
import type { ApiDeps } from './dependencies.ts';

const RecordSchema = z.object({
  bodyDigest: z.string(),
  response: IngestAcceptedSchema.nullable(),
  /** Records of before they had an age are past it. */
  claimedAt: z.iso.datetime().default(new Date(0).toISOString()),
});

/** A client that has not heard the answer asks again within minutes; a day later the same key is another request. */
const RECORD_AGE_MS = 24 * 3600 * 1000;

/** Printable ASCII, as the draft of the header field has it. */
export const IdempotencyKeySchema = z.string().regex(/^[\x21-\x7e]{1,255}$/, 'the Idempotency-Key is 1 to 255 printable characters');

/** Hex SHA-256: an object's key may not hold what a client sent. */
export function hashIdempotencyKey(key: string): string {
  return createHash('sha256').update(key).digest('hex');
}

/**
 * Gives every request of one key and body the same response, for a day. The key is claimed before the work, so a changed body is
 * refused (`conflict`) before it does anything. Requests in parallel may do the work side by side, which must therefore
 * be idempotent itself; the first to finish decides the response of all.
 */
export async function respondOnce(
  objects: ObjectStore,
  recordKey: string,
  bodyDigest: string,
  work: () => Promise<IngestAccepted>,
): Promise<IngestAccepted> {
  const claim = await claimRecord(objects, recordKey, bodyDigest);
  if (claim.response !== null) return claim.response;
  let response: IngestAccepted;
  try {
    response = await work();
  } catch (error) {
    // What failed did not happen: the same key may come again, even with another body.
    if (claim.isOurs) await releaseClaim(objects, recordKey);
    throw error;
  }
  try {
    await writeRecord(objects, recordKey, { bodyDigest, response, claimedAt: claim.claimedAt }, { ifMatch: claim.etag });
    return response;
  } catch (error) {
    if (!isKind(error, 'conflict')) throw error;
    return (await findRecord(objects, recordKey))?.record.response ?? response;
  }
}

/** Forgets the responses that lead to a lecture which is being deleted: its next upload is a new one. */
export async function forgetResponses(objects: ObjectStore, prefix: string, lectureId: LectureId): Promise<void> {
  for await (const { key } of objects.list(prefix)) {
    const found = await findRecord(objects, key);
    if (found?.record.response?.lectureId === lectureId) await objects.delete(key);
  }
}

/** Deletes the responses that are older than a day; returns how many. */
export async function sweepResponses(
  { objects, keys }: { objects: ObjectStore; keys: Pick<ApiDeps['keys'], 'idempotencyPrefix'> },
  tenants: Iterable<TenantId>,
  nowMs: number,
): Promise<number> {
  let swept = 0;
  for (const tenantId of tenants) {
    for await (const { key } of objects.list(keys.idempotencyPrefix(tenantId))) {
      const found = await findRecord(objects, key);
      if (found === undefined || !isPast(found.record, nowMs)) continue;
      await objects.delete(key);
      swept += 1;
    }
  }
  return swept;
}

interface Claim {
  etag: string;
  claimedAt: string;
  isOurs: boolean;
  response: IngestAccepted | null;
}

async function claimRecord(objects: ObjectStore, key: string, bodyDigest: string): Promise<Claim> {
  const found = await findRecord(objects, key);
  const now = Date.now();
  if (found === undefined || isPast(found.record, now)) {
    const claimedAt = new Date(now).toISOString();
    const condition = found === undefined ? ({ ifAbsent: true } as const) : { ifMatch: found.etag };
    try {
      const { etag } = await writeRecord(objects, key, { bodyDigest, response: null, claimedAt }, condition);
      return { etag, claimedAt, isOurs: true, response: null };
    } catch (error) {
      if (!isKind(error, 'conflict')) throw error;
      // Another request was quicker, or a sweep: whatever is there now decides.
      return claimRecord(objects, key, bodyDigest);
    }
  }
  const { record, etag } = found;
  if (record.bodyDigest !== bodyDigest) {
    throw new LecternError('conflict', 'this Idempotency-Key was used for another upload', { cure: 'Use a new key for a new upload.' });
  }
  return { etag, claimedAt: record.claimedAt, isOurs: false, response: record.response };
}

/** A request beside ours may have succeeded: its response stays. */
async function releaseClaim(objects: ObjectStore, key: string): Promise<void> {
  if ((await findRecord(objects, key))?.record.response === null) await objects.delete(key);
}

function isPast({ claimedAt }: z.infer<typeof RecordSchema>, nowMs: number): boolean {
  return nowMs - Date.parse(claimedAt) >= RECORD_AGE_MS;
}

function writeRecord(
  objects: ObjectStore,
  key: string,
  record: z.infer<typeof RecordSchema>,
  condition: { ifAbsent: true } | { ifMatch: string },
): Promise<{ etag: string }> {
  return objects.put(key, Buffer.from(JSON.stringify(record)), { contentType: 'application/json', ...condition });
}

async function findRecord(objects: ObjectStore, key: string): Promise<{ record: z.infer<typeof RecordSchema>; etag: string } | undefined> {
  try {
    const { body, info } = await objects.get(key);
    return { record: RecordSchema.parse(JSON.parse(Buffer.from(body).toString('utf8'))), etag: info.etag };
  } catch (error) {
    if (isKind(error, 'not-found')) return undefined;
    throw error;
  }
}
