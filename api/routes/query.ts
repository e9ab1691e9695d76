import { createRoute, z } from '@hono/zod-openapi';
import { toLecternError } from '../../contracts/errors.ts';
import { QueryEventSchema, QueryRequestSchema, QueryResponseSchema, type QueryEvent, type QueryRequest } from '../../contracts/query.ts';
import type { ApiContext } from '../context.ts';
import type { ApiDeps } from '../dependencies.ts';
import { toEventStream } from '../event-stream.ts';
import { jsonOf, needs, problems, type ApiApp } from '../openapi.ts';
import { toProblem } from '../problem.ts';
import { smallBody } from '../small-body.ts';

const EVENTS = `Server-sent events, asked for with \`stream\` or \`Accept: text/event-stream\`: \`hits\`, then \`citation\` and \`delta\` as the answer is written and verified, then \`answer\`, which is the whole response and alone counts; or \`error\`, a problem document. Comments are heartbeats. The data of each is a line of JSON. A reader who leaves ends the generation.`;

const query = createRoute({
  method: 'post',
  path: '/api/v1/query',
  summary: 'Search the lectures, and answer from what was found with citations',
  security: needs('read'),
  request: { body: { required: true, content: jsonOf(QueryRequestSchema) } },
  responses: {
    200: {
      description: 'Passages and, if asked for, the answer',
      content: { ...jsonOf(QueryResponseSchema), 'text/event-stream': { schema: z.array(QueryEventSchema).meta({ description: EVENTS }) } },
    },
    ...problems(400, 401, 403, 413, 415, 503),
  },
  middleware: [smallBody] as const,
});

export function addQueryRoute(app: ApiApp, { queries }: Pick<ApiDeps, 'queries'>): void {
  app.openapi(query, async (c) => {
    const request = c.req.valid('json');
    if (request.stream ?? wantsEvents(c.req.header('accept'))) return streamAnswer(c, request, queries);
    return c.json(await queries.query(c.get('tenantId'), request, c.req.raw.signal), 200);
  });
}

function streamAnswer(c: ApiContext, request: QueryRequest, queries: ApiDeps['queries']): Response {
  return toEventStream<QueryEvent>({
    async run(send, signal) {
      const leaves = AbortSignal.any([signal, c.req.raw.signal]);
      send({ event: 'answer', data: await queries.query(c.get('tenantId'), request, leaves, send) });
    },
    toFailure(error) {
      const ours = toLecternError(error);
      if (ours.kind === 'internal' && !c.req.raw.signal.aborted) c.get('log').error({ err: error }, ours.message);
      return { event: 'error', data: toProblem(ours, c.get('requestId')) };
    },
  });
}

/** `application/json` beside it, as some clients send for all requests, leaves the choice to us: the plain document. */
function wantsEvents(accept = ''): boolean {
  return accept.includes('text/event-stream') && !accept.includes('application/json');
}
