import { S3Error } from 'minio';
import { LecternError } from '../contracts/errors.ts';

/** True when the server refused with one of these S3 codes. */
export function isS3Refusal(error: unknown, ...codes: string[]): boolean {
  return error instanceof S3Error && error.code !== undefined && codes.includes(error.code);
}

/** S3's codes as kinds; whatever is no answer of S3 means that it cannot be reached. `verb` is for people. */
export function toStorageError(verb: string, key: string, error: unknown): LecternError {
  if (error instanceof LecternError) return error;
  const options = { cause: error };
  // A conditional write over what was deleted meanwhile is told as NoSuchKey.
  if (verb === 'put' && isS3Refusal(error, 'PreconditionFailed', 'ConditionalRequestConflict', 'NoSuchKey')) {
    return new LecternError('conflict', `object ${key} was changed or made by another writer`, options);
  }
  if (isS3Refusal(error, 'NoSuchKey', 'NotFound')) return new LecternError('not-found', `there is no object ${key}`, options);
  if (isS3Refusal(error, 'XMinioStorageFull', 'XMinioAdminBucketQuotaExceeded', 'QuotaExceeded')) {
    return new LecternError('out-of-resources', 'the object store is full', {
      ...options,
      cure: 'Give the object store more disk or quota.',
    });
  }
  const reason = error instanceof Error ? error.message : String(error);
  if (isS3Refusal(error, 'AccessDenied', 'InvalidAccessKeyId', 'SignatureDoesNotMatch')) {
    return new LecternError('unavailable', `the object store refuses us: ${reason}`, {
      ...options,
      cure: 'Check MINIO_ACCESS_KEY, MINIO_SECRET_KEY and what they may do.',
    });
  }
  return new LecternError('unavailable', `the object store failed to ${verb} ${key}: ${reason}`, options);
}
