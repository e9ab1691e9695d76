import type { ZodType } from 'zod';
import { LecternError } from '../contracts/errors.ts';
import type { ArtifactRef } from '../contracts/ingest.ts';
import type { ArtifactStore } from '../storage/artifacts.ts';

/** For what is nice to have: `undefined` where the artifact is gone or damaged, which is no reason to fail a run. */
export async function readUnlessGone<T>(
  artifacts: Pick<ArtifactStore, 'read'>,
  ref: Pick<ArtifactRef, 'key'>,
  schema: ZodType<T>,
): Promise<T | undefined> {
  try {
    return await artifacts.read(ref, schema);
  } catch (error) {
    if (error instanceof LecternError && (error.kind === 'not-found' || error.kind === 'internal')) return undefined;
    throw error;
  }
}
