import { LecternError } from '../contracts/errors.ts';
import type { LectureId, TenantId } from '../contracts/identity.ts';
import type { Lecture } from '../contracts/lecture.ts';
import type { Principal } from '../contracts/roles.ts';
import type { ApiContext } from './context.ts';
import type { ApiDeps } from './dependencies.ts';

/**
 * Whether a reader may see a lecture: whoever may only read sees those that have been ready, and none in the making, failed or
 * cancelled.
 */
export function isVisibleTo({ scopes }: Pick<Principal, 'scopes'>, { generation }: Pick<Lecture, 'generation'>): boolean {
  return generation !== undefined || scopes.some((scope) => scope !== 'read');
}

/** As `getLecture`, for whoever asks: what is not visible to them is not there. */
export async function getVisibleLecture(lectures: ApiDeps['lectures'], c: ApiContext, lectureId: LectureId): Promise<Lecture> {
  const lecture = await getLecture(lectures, c.get('tenantId'), lectureId);
  if (!isVisibleTo(c.get('principal'), lecture)) throw notThere();
  return lecture;
}

/** Throws the one answer for unknown, deleted and foreign lectures. */
export async function getLecture(lectures: ApiDeps['lectures'], tenantId: TenantId, lectureId: LectureId): Promise<Lecture> {
  const lecture = await lectures.get(tenantId, lectureId);
  if (lecture === undefined) throw notThere();
  return lecture;
}

function notThere(): LecternError {
  return new LecternError('not-found', 'there is nothing of this id');
}
