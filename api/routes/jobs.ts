import { createRoute, z } from '@hono/zod-openapi';
import { JobPageSchema, JobSchema } from '../../contracts/api.ts';
import { JobIdSchema } from '../../contracts/identity.ts';
import type { IngestJobs } from '../jobs.ts';
import { jsonOf, needs, problems, type ApiApp } from '../openapi.ts';

const params = z.object({ jobId: JobIdSchema });

const listJobs = createRoute({
  method: 'get',
  path: '/api/v1/jobs',
  summary: 'Ingests of this tenant: running ones first, then the last closed first',
  security: needs('jobs'),
  request: {
    query: z.object({ limit: z.coerce.number().int().min(1).max(200).default(50), cursor: z.base64url().max(4_000).optional() }),
  },
  responses: { 200: { description: 'A page of jobs', content: jsonOf(JobPageSchema) }, ...problems(400, 401, 403, 503) },
});

const getJob = createRoute({
  method: 'get',
  path: '/api/v1/jobs/{jobId}',
  summary: 'State of one ingest with its stages and, if it failed, why',
  security: needs('jobs'),
  request: { params },
  responses: { 200: { description: 'The job', content: jsonOf(JobSchema) }, ...problems(401, 403, 404, 503) },
});

const cancelJob = createRoute({
  method: 'delete',
  path: '/api/v1/jobs/{jobId}',
  summary: 'Cancel a running ingest; what it was writing is removed',
  security: needs('jobs'),
  request: { params },
  responses: { 202: { description: 'The job is asked to stop', content: jsonOf(JobSchema) }, ...problems(401, 403, 404, 409, 503) },
});

/** Adds the routes under `/api/v1/jobs`. */
export function addJobRoutes(app: ApiApp, jobs: IngestJobs): void {
  app.openapi(listJobs, async (c) => c.json(await jobs.list(c.get('tenantId'), c.req.valid('query')), 200));
  app.openapi(getJob, async (c) => c.json(await jobs.get(c.get('tenantId'), c.req.valid('param').jobId), 200));
  app.openapi(cancelJob, async (c) => {
    const { jobId } = c.req.valid('param');
    await jobs.cancel(c.get('tenantId'), jobId);
    return c.json(await jobs.get(c.get('tenantId'), jobId), 202);
  });
}
