import { LecternError } from '../contracts/errors.ts';
import type { LectureId, TenantId } from '../contracts/identity.ts';
import type { Lecture } from '../contracts/lecture.ts';
import type { ApiDeps } from './dependencies.ts';

/** Throws the one answer for unknown, deleted and foreign lectures. */
export async function getLecture(lectures: ApiDeps['lectures'], tenantId: TenantId, lectureId: LectureId): Promise<Lecture> {
  const lecture = await lectures.get(tenantId, lectureId);
  if (lecture === undefined) throw new LecternError('not-found', 'there is nothing of this id');
  return lecture;
}
