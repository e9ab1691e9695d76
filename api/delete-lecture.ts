import type { LectureId, TenantId } from '../contracts/identity.ts';
import type { ApiDeps } from './dependencies.ts';
import { forgetResponses } from './idempotency.ts';

export type DeleteDeps = Pick<ApiDeps, 'lectures' | 'objects' | 'keys' | 'index' | 'jobs' | 'voiceprints'>;

/** Removes a lecture from every store; what runs on it is cancelled first. May be done again where it was interrupted. */
export async function deleteLecture(deps: DeleteDeps, tenantId: TenantId, lectureId: LectureId): Promise<void> {
  await deps.jobs.stop(tenantId, lectureId);
  // The index first: from here on no search finds it. The document goes with the objects, last, so that a deletion which is
  // interrupted can be asked for again.
  await deps.index.deleteLecture(tenantId, lectureId);
  await forgetResponses(deps.objects, deps.keys.idempotencyPrefix(tenantId), lectureId);
  await deps.voiceprints.forgetLecture(tenantId, lectureId);
  await deps.lectures.delete(tenantId, lectureId);
}
