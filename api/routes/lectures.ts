import { createRoute, z } from '@hono/zod-openapi';
import { LecturePageSchema, LectureViewSchema } from '../../contracts/api.ts';
import { LectureIdSchema } from '../../contracts/identity.ts';
import type { Lecture } from '../../contracts/lecture.ts';
import { deleteLecture, type DeleteDeps } from '../delete-lecture.ts';
import type { ApiDeps } from '../dependencies.ts';
import { getLecture, getVisibleLecture, isVisibleTo } from '../get-lecture.ts';
import { readLecturePage, toLectureView } from '../lecture-page.ts';
import { jsonOf, needs, problems, type ApiApp } from '../openapi.ts';

type LectureDeps = DeleteDeps & Pick<ApiDeps, 'reconciler'>;

const params = z.object({ lectureId: LectureIdSchema });
const ListQuerySchema = z.object({
  course: z.string().max(100).optional(),
  semester: z.string().max(40).optional(),
  limit: z.coerce.number().int().min(1).max(200).default(50),
  cursor: LectureIdSchema.optional(),
});

const listLectures = createRoute({
  method: 'get',
  path: '/api/v1/lectures',
  summary:
    'Lectures of this tenant, by id; a page of a course or semester may hold fewer than its limit, `nextCursor` tells whether there are more',
  security: needs('read'),
  request: { query: ListQuerySchema },
  responses: { 200: { description: 'A page of lectures', content: jsonOf(LecturePageSchema) }, ...problems(400, 401, 403, 503) },
});

const showLecture = createRoute({
  method: 'get',
  path: '/api/v1/lectures/{lectureId}',
  summary: 'One lecture: metadata, state and what is missing from it',
  security: needs('read'),
  request: { params },
  responses: { 200: { description: 'The lecture', content: jsonOf(LectureViewSchema) }, ...problems(401, 403, 404, 503) },
});

const removeLecture = createRoute({
  method: 'delete',
  path: '/api/v1/lectures/{lectureId}',
  summary: 'Delete a lecture from every store; a running ingest is cancelled first',
  security: needs('write'),
  request: { params },
  responses: { 204: { description: 'Nothing of it is left' }, ...problems(401, 403, 404, 503) },
});

/** Adds the routes of the lecture documents. */
export function addLectureRoutes(app: ApiApp, deps: LectureDeps): void {
  app.openapi(listLectures, async (c) => {
    const isVisible = (lecture: Lecture) => isVisibleTo(c.get('principal'), lecture);
    return c.json(await readLecturePage(deps.lectures, c.get('tenantId'), c.req.valid('query'), isVisible), 200);
  });
  app.openapi(showLecture, async (c) => {
    const lecture = await getVisibleLecture(deps.lectures, c, c.req.valid('param').lectureId);
    return c.json(toLectureView(await deps.reconciler.settle(lecture)), 200);
  });
  app.openapi(removeLecture, async (c) => {
    const [tenantId, { lectureId }] = [c.get('tenantId'), c.req.valid('param')];
    await getLecture(deps.lectures, tenantId, lectureId);
    await deleteLecture(deps, tenantId, lectureId);
    return c.body(null, 204);
  });
}
