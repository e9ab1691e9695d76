import { createRoute, z } from '@hono/zod-openapi';
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
}
