import { LecternError } from '../contracts/errors.ts';

export function hasCode(error: unknown, ...codes: string[]): boolean {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' && codes.includes(error.code);
}

/** Runs file work with the system's errors as kinds; what is already a `LecternError` passes. */
export async function mapFileErrors<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (hasCode(error, 'ENOSPC', 'EDQUOT', 'EFBIG')) {
      throw new LecternError('out-of-resources', 'the disk of the object store is full', {
        cure: 'Free space below LECTERN_DATA, or move it to a larger disk.',
        cause: error,
      });
    }
    if (hasCode(error, 'EACCES', 'EPERM', 'EROFS', 'EIO', 'EMFILE', 'ENFILE')) {
      throw new LecternError('unavailable', `the object folder cannot be used: ${(error as Error).message}`, { cause: error });
    }
    throw error;
  }
}
