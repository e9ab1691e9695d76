import type { CpuActivities } from '../contracts/ingest.ts';
import type { VectorIndex } from '../retrieval/vector-index.ts';
import type { LectureStore } from '../storage/lectures.ts';
import { toActivity } from './activity.ts';

/** Removes the rows of a generation that no reader ever saw; all rows, where the lecture itself is gone. */
export function createDiscardGenerationActivity(deps: { index: VectorIndex; lectures: LectureStore }): CpuActivities['discardGeneration'] {
  return toActivity(async ({ tenantId, lectureId, generation }) => {
    if ((await deps.lectures.get(tenantId, lectureId)) === undefined) return deps.index.deleteLecture(tenantId, lectureId);
    if ((await deps.index.activeGeneration(tenantId, lectureId)) === generation) return undefined;
    return deps.index.discardGeneration(tenantId, lectureId, generation);
  });
}
