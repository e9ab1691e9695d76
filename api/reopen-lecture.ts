import type { LectureId, TenantId } from '../contracts/identity.ts';
import type { Lecture } from '../contracts/lecture.ts';
import type { LectureStore } from '../storage/lectures.ts';

/**
 * Marks a lecture as under way again before its run is, so that the run has the last word. A ready one stays ready: readers keep the
 * generation they have. Returns how to put back what was there, where no run came of it. Errors: `not-found`.
 */
export async function reopenLecture(
  lectures: Pick<LectureStore, 'update'>,
  tenantId: TenantId,
  lectureId: LectureId,
): Promise<() => Promise<void>> {
  let before: Pick<Lecture, 'state' | 'failure'> | undefined;
  const reopened = await lectures.update(tenantId, lectureId, (lecture) => {
    const { failure, ...rest } = lecture;
    before = { state: lecture.state, ...(failure === undefined ? {} : { failure }) };
    return { ...rest, state: lecture.state === 'ready' ? 'ready' : 'processing' };
  });
  return async () => {
    await lectures.update(tenantId, lectureId, (lecture) =>
      // Somebody else has changed it meanwhile: what they say counts.
      lecture.updatedAt === reopened.updatedAt ? { ...lecture, ...before } : lecture,
    );
  };
}
