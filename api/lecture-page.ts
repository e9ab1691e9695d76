import { LectureViewSchema, type LecturePage, type LectureView } from '../contracts/api.ts';
import { publishedRevision } from '../contracts/head-revision.ts';
import type { LectureId, TenantId } from '../contracts/identity.ts';
import type { Lecture } from '../contracts/lecture.ts';
import type { ApiDeps } from './dependencies.ts';

/** Documents that one page of a filtered list may read. */
const MAX_LOOKED = 1_000;

export interface PageQuery {
  course?: string | undefined;
  semester?: string | undefined;
  limit: number;
  /** Lectures behind this one. */
  cursor?: LectureId | undefined;
}

/**
 * A page costs what is on it, however many lectures there are; one of a course or semester costs what was looked through for it, and may
 * hold fewer than its limit. Following `nextCursor` to its end shows each lecture once.
 */
export async function readLecturePage(
  lectures: Pick<ApiDeps['lectures'], 'list'>,
  tenantId: TenantId,
  { course, semester, limit, cursor }: PageQuery,
  isVisible: (lecture: Lecture) => boolean = () => true,
): Promise<LecturePage> {
  const page: LectureView[] = [];
  let looked = 0;
  let last: LectureId | null = null;
  for await (const lecture of lectures.list(tenantId, cursor)) {
    if (page.length === limit || looked === MAX_LOOKED) return { lectures: page, nextCursor: last };
    looked += 1;
    last = lecture.lectureId;
    if (!isVisible(lecture)) continue;
    if (course !== undefined && lecture.metadata.course !== course) continue;
    if (semester !== undefined && lecture.metadata.semester !== semester) continue;
    page.push(toLectureView(lecture));
  }
  return { lectures: page, nextCursor: null };
}

export function toLectureView({ metadata, media, revision, ...lecture }: Lecture): LectureView {
  const edited = revision === undefined ? {} : { headRevision: revision.number, publishedRevision: publishedRevision(revision) };
  return LectureViewSchema.parse({ ...lecture, ...metadata, ...edited, bytes: media.bytes });
}
