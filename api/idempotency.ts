import { createHash } from 'node:crypto';
import { z } from 'zod';
import { IngestAcceptedSchema, type IngestAccepted } from '../contracts/api.ts';
import { LecternError } from '../contracts/errors.ts';
import type { LectureId } from '../contracts/identity.ts';
import type { ObjectStore } from '../storage/object-store.ts';

const RecordSchema = z.object({ bodyDigest: z.string(), response: IngestAcceptedSchema.nullable() });

/** Printable ASCII, as the draft of the header field has it. */
export const IdempotencyKeySchema = z.string().regex(/^[\x21-\x7e]{1,255}$/, 'the Idempotency-Key is 1 to 255 printable characters');

/** Hex SHA-256: an object's key may not hold what a client sent. */
export function hashIdempotencyKey(key: string): string {
  return createHash('sha256').update(key).digest('hex');
}

/**
 * Gives every request of one key and body the same response. The key is claimed before the work, so a changed body is
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
    await writeRecord(objects, recordKey, { bodyDigest, response }, { ifMatch: claim.etag });
    return response;
  } catch (error) {
    if (!isKind(error, 'conflict')) throw error;
    return (await readRecord(objects, recordKey)).record.response ?? response;
  }
}

/** Forgets the responses that lead to a lecture which is being deleted: its next upload is a new one. */
export async function forgetResponses(objects: ObjectStore, prefix: string, lectureId: LectureId): Promise<void> {
  for await (const { key } of objects.list(prefix)) {
    const { record } = await readRecord(objects, key);
    if (record.response?.lectureId === lectureId) await objects.delete(key);
  }
}

interface Claim {
  etag: string;
  isOurs: boolean;
  response: IngestAccepted | null;
}

async function claimRecord(objects: ObjectStore, key: string, bodyDigest: string): Promise<Claim> {
  try {
    const { etag } = await writeRecord(objects, key, { bodyDigest, response: null }, { ifAbsent: true });
    return { etag, isOurs: true, response: null };
  } catch (error) {
    if (!isKind(error, 'conflict')) throw error;
  }
  const { record, etag } = await readRecord(objects, key);
  if (record.bodyDigest !== bodyDigest) {
    throw new LecternError('conflict', 'this Idempotency-Key was used for another upload', { cure: 'Use a new key for a new upload.' });
  }
  return { etag, isOurs: false, response: record.response };
}

/** A request beside ours may have succeeded: its response stays. */
async function releaseClaim(objects: ObjectStore, key: string): Promise<void> {
  if ((await readRecord(objects, key)).record.response === null) await objects.delete(key);
}

function writeRecord(
  objects: ObjectStore,
  key: string,
  record: z.infer<typeof RecordSchema>,
  condition: { ifAbsent: true } | { ifMatch: string },
): Promise<{ etag: string }> {
  return objects.put(key, Buffer.from(JSON.stringify(record)), { contentType: 'application/json', ...condition });
}

async function readRecord(objects: ObjectStore, key: string): Promise<{ record: z.infer<typeof RecordSchema>; etag: string }> {
  const { body, info } = await objects.get(key);
  return { record: RecordSchema.parse(JSON.parse(Buffer.from(body).toString('utf8'))), etag: info.etag };
}

function isKind(error: unknown, kind: LecternError['kind']): boolean {
  return error instanceof LecternError && error.kind === kind;
}
