import { createRoute } from '@hono/zod-openapi';
import { QueryRequestSchema, QueryResponseSchema } from '../../contracts/query.ts';
import type { ApiDeps } from '../dependencies.ts';
import { jsonOf, NEEDS_API_KEY, problems, type ApiApp } from '../openapi.ts';
import { smallBody } from '../small-body.ts';

const query = createRoute({
  method: 'post',
  path: '/api/v1/query',
  summary: 'Search the lectures, and answer from what was found with citations',
  security: NEEDS_API_KEY,
  request: { body: { required: true, content: jsonOf(QueryRequestSchema) } },
  responses: {
    200: { description: 'Passages and, if asked for, the answer', content: jsonOf(QueryResponseSchema) },
    ...problems(400, 401, 413, 415, 503),
  },
  middleware: [smallBody] as const,
});

export function addQueryRoute(app: ApiApp, { queries }: Pick<ApiDeps, 'queries'>): void {
  app.openapi(query, async (c) => c.json(await queries.query(c.get('tenantId'), c.req.valid('json'), c.req.raw.signal), 200));
}
