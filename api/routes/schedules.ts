import { createRoute, z } from '@hono/zod-openapi';
import { BackfillSchema, NewScheduleSchema, ScheduleIdSchema, ScheduleListSchema, ScheduleViewSchema } from '../../contracts/reindex.ts';
import { jsonOf, needs, problems, type ApiApp } from '../openapi.ts';
import type { Schedules } from '../schedules.ts';
import { smallBody } from '../small-body.ts';

const params = z.object({ scheduleId: ScheduleIdSchema });
const oneSchedule = { description: 'The schedule', content: jsonOf(ScheduleViewSchema) };

const createSchedule = createRoute({
  method: 'post',
  path: '/api/v1/schedules',
  summary: 'Re-index a semester at set times',
  security: needs('operate'),
  request: { body: { required: true, content: jsonOf(NewScheduleSchema) } },
  responses: { 201: oneSchedule, ...problems(400, 401, 403, 409, 413, 415, 503) },
  middleware: [smallBody] as const,
});

const listSchedules = createRoute({
  method: 'get',
  path: '/api/v1/schedules',
  summary: 'Schedules of this tenant',
  security: needs('operate'),
  responses: { 200: { description: 'The schedules, by id', content: jsonOf(ScheduleListSchema) }, ...problems(401, 403, 503) },
});

const showSchedule = createRoute({
  method: 'get',
  path: '/api/v1/schedules/{scheduleId}',
  summary: 'One schedule with its next times and what it started',
  security: needs('operate'),
  request: { params },
  responses: { 200: oneSchedule, ...problems(401, 403, 404, 503) },
});

const deleteSchedule = createRoute({
  method: 'delete',
  path: '/api/v1/schedules/{scheduleId}',
  summary: 'Delete a schedule; a re-index that it started goes on',
  security: needs('operate'),
  request: { params },
  responses: { 204: { description: 'It is gone' }, ...problems(401, 403, 404, 503) },
});

const backfillSchedule = createRoute({
  method: 'post',
  path: '/api/v1/schedules/{scheduleId}/backfill',
  summary: 'Make up for the times between two moments, one re-index after another',
  security: needs('operate'),
  request: { params, body: { required: true, content: jsonOf(BackfillSchema) } },
  responses: { 202: oneSchedule, ...problems(400, 401, 403, 404, 413, 415, 503) },
  middleware: [smallBody] as const,
});

/** A change that needs no more than its name. */
function plainChange<Path extends string>(path: Path, summary: string) {
  return createRoute({
    method: 'post',
    path,
    summary,
    security: needs('operate'),
    request: { params },
    responses: { 200: oneSchedule, ...problems(400, 401, 403, 404, 413, 503) },
    middleware: [smallBody] as const,
  });
}

const pauseSchedule = plainChange('/api/v1/schedules/{scheduleId}/pause', 'Start nothing until it is resumed');
const resumeSchedule = plainChange('/api/v1/schedules/{scheduleId}/resume', 'Start re-indexes again at its times');
const triggerSchedule = plainChange('/api/v1/schedules/{scheduleId}/trigger', 'Start a re-index now, unless one of this schedule runs');

/** Adds the routes under `/api/v1/schedules`. */
export function addScheduleRoutes(app: ApiApp, { schedules }: { schedules: Schedules }): void {
  app.openapi(createSchedule, async (c) => c.json(await schedules.create(c.get('tenantId'), c.req.valid('json')), 201));
  app.openapi(listSchedules, async (c) => c.json({ schedules: await schedules.list(c.get('tenantId')) }, 200));
  app.openapi(showSchedule, async (c) => c.json(await schedules.get(c.get('tenantId'), c.req.valid('param').scheduleId), 200));
  app.openapi(deleteSchedule, async (c) => {
    await schedules.delete(c.get('tenantId'), c.req.valid('param').scheduleId);
    return c.body(null, 204);
  });
  app.openapi(backfillSchedule, async (c) => {
    const [tenantId, { scheduleId }] = [c.get('tenantId'), c.req.valid('param')];
    return c.json(await schedules.backfill(tenantId, scheduleId, c.req.valid('json')), 202);
  });
  app.openapi(pauseSchedule, async (c) => c.json(await schedules.pause(c.get('tenantId'), c.req.valid('param').scheduleId), 200));
  app.openapi(resumeSchedule, async (c) => c.json(await schedules.resume(c.get('tenantId'), c.req.valid('param').scheduleId), 200));
  app.openapi(triggerSchedule, async (c) => c.json(await schedules.trigger(c.get('tenantId'), c.req.valid('param').scheduleId), 200));
}
