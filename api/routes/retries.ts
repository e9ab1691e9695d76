import { createRoute, z } from '@hono/zod-openapi';
import {
  BulkRetryIdSchema,
  BulkRetrySchema,
  BulkRetryViewSchema,
  DeadLetterFilterSchema,
  DeadLetterPageSchema,
} from '../../contracts/dead-letters.ts';
import { LecternError } from '../../contracts/errors.ts';
import { JobIdSchema } from '../../contracts/identity.ts';
import { RetryAcceptedSchema, RetryOverridesSchema } from '../../contracts/retry.ts';
import type { ApiDeps } from '../dependencies.ts';
import { jsonOf, needs, problems, type ApiApp } from '../openapi.ts';
import { smallBody } from '../small-body.ts';

const retryJob = createRoute({
  method: 'post',
  path: '/api/v1/jobs/{jobId}/retry',
  summary: 'Go on with an ingest that failed or was stopped, from the stage it ended in; begin it anew with other options',
  security: needs('jobs'),
  request: {
    params: z.object({ jobId: JobIdSchema }),
    body: { required: false, content: jsonOf(RetryOverridesSchema) },
  },
  responses: {
    202: { description: 'The run that goes on', content: jsonOf(RetryAcceptedSchema) },
    ...problems(400, 401, 403, 404, 409, 413, 415, 503),
  },
  middleware: [smallBody] as const,
});

const listFailed = createRoute({
  method: 'get',
  path: '/api/v1/jobs/failed',
  summary: 'Ingests that failed and that nobody has retried, the last ended first, with counts by kind and stage',
  security: needs('jobs'),
  request: {
    query: DeadLetterFilterSchema.extend({
      limit: z.coerce.number().int().min(1).max(200).default(50),
      cursor: z.base64url().max(4_000).optional(),
    }),
  },
  responses: { 200: { description: 'A page of them', content: jsonOf(DeadLetterPageSchema) }, ...problems(400, 401, 403, 503) },
});

const retryFailed = createRoute({
  method: 'post',
  path: '/api/v1/jobs/retry',
  summary: 'Retry all failed ingests that match, so many a minute; not those whose recording is at fault, unless `kind` names that',
  security: needs('jobs'),
  request: { body: { required: false, content: jsonOf(BulkRetrySchema) } },
  responses: {
    202: { description: 'They are retried one after another', content: jsonOf(BulkRetryViewSchema) },
    ...problems(400, 401, 403, 413, 415, 503),
  },
  middleware: [smallBody] as const,
});

const bulkParams = z.object({ retryId: BulkRetryIdSchema });

const showBulk = createRoute({
  method: 'get',
  path: '/api/v1/jobs/retries/{retryId}',
  summary: 'How far a retry of many is',
  security: needs('jobs'),
  request: { params: bulkParams },
  responses: { 200: { description: 'How far it is', content: jsonOf(BulkRetryViewSchema) }, ...problems(401, 403, 404, 503) },
});

const stopBulk = createRoute({
  method: 'delete',
  path: '/api/v1/jobs/retries/{retryId}',
  summary: 'Stop a retry of many; ingests that it has retried go on',
  security: needs('jobs'),
  request: { params: bulkParams },
  responses: { 202: { description: 'It is asked to stop', content: jsonOf(BulkRetryViewSchema) }, ...problems(401, 403, 404, 503) },
});

/** Adds the routes that give failed ingests another chance. */
export function addRetryRoutes(app: ApiApp, { retries, languages }: Pick<ApiDeps, 'retries' | 'languages'>): void {
  app.openapi(retryJob, async (c) => {
    // Without a body nothing is validated, and nothing changes.
    const overrides: z.infer<typeof RetryOverridesSchema> | undefined = c.req.valid('json');
    const { language } = overrides ?? {};
    if (typeof language === 'string' && !languages.includes(language)) {
      throw new LecternError('invalid-input', `language: ${language} is not one that the transcriber knows`);
    }
    const { jobId } = c.req.valid('param');
    return c.json(await retries.retry({ tenantId: c.get('tenantId'), jobId, ...(overrides === undefined ? {} : { overrides }) }), 202);
  });
  app.openapi(listFailed, async (c) => {
    const { limit, cursor, ...filter } = c.req.valid('query');
    return c.json(await retries.listFailed(c.get('tenantId'), filter, { limit, cursor }), 200);
  });
  app.openapi(retryFailed, async (c) => {
    const bulk: z.infer<typeof BulkRetrySchema> | undefined = c.req.valid('json');
    return c.json(await retries.startBulk(c.get('tenantId'), bulk ?? BulkRetrySchema.parse({})), 202);
  });
  app.openapi(showBulk, async (c) => c.json(await retries.readBulk(c.get('tenantId'), c.req.valid('param').retryId), 200));
  app.openapi(stopBulk, async (c) => c.json(await retries.stopBulk(c.get('tenantId'), c.req.valid('param').retryId), 202));
}
