import { OpenAPIHono } from '@hono/zod-openapi';
import { pino } from 'pino';
import { describe, expect, it } from 'vitest';
import { LecternError } from '../contracts/errors.ts';
import { QueryEventSchema, type QueryEvent, type QueryResponse } from '../contracts/query.ts';
import { readServerSentEvents } from '../contracts/server-sent-events.ts';
import type { QueryService } from '../retrieval/query.ts';
import type { ApiEnvironment } from './context.ts';
import { OPENAPI_INFO, type ApiApp } from './openapi.ts';
import { addQueryRoute } from './routes/query.ts';

const RESPONSE: QueryResponse = { question: 'Why?', hits: [], timingsMs: { total: 1 }, skipped: [], unheardPhrases: [] };

function appWith(query: QueryService['query']): ApiApp {
  const app: ApiApp = new OpenAPIHono<ApiEnvironment>();
  app.use(async (c, next) => {
    c.set('requestId', '00000000-0000-0000-0000-000000000000');
    c.set('log', pino({ level: 'silent' }));
    c.set('tenantId', 'own');
    await next();
  });
  addQueryRoute(app, { queries: { query } });
  return app;
}

const ask = async (app: ApiApp, body: object, headers: Record<string, string> = {}): Promise<Response> =>
  app.request('/api/v1/query', {
    method: 'POST',
    body: JSON.stringify({ question: 'Why?', ...body }),
    headers: { 'content-type': 'application/json', ...headers },
  });

async function eventsOf(response: Response): Promise<QueryEvent[]> {
  const events: QueryEvent[] = [];
  for await (const { event, data } of readServerSentEvents(response.body!)) {
    events.push(QueryEventSchema.parse({ event, data: JSON.parse(data) as unknown }));
  }
  return events;
}

describe('POST /api/v1/query', () => {
  const app = appWith(async (_tenant, _request, _signal, onEvent) => {
    onEvent?.({ event: 'delta', data: { text: 'Because.' } });
    return RESPONSE;
  });

  it.each([
    [{}, {}, false],
    [{}, { accept: '*/*' }, false],
    [{}, { accept: 'application/json, text/event-stream' }, false],
    [{}, { accept: 'text/event-stream' }, true],
    [{ stream: true }, {}, true],
    [{ stream: false }, { accept: 'text/event-stream' }, false],
  ])('with %j and %j is a stream: %s', async (body, headers, isStream) => {
    const response = await ask(app, body, headers);
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')!.startsWith('text/event-stream')).toBe(isStream);
  });

  it('ends a stream with the whole response', async () => {
    expect(await eventsOf(await ask(app, { stream: true }))).toEqual([
      { event: 'delta', data: { text: 'Because.' } },
      { event: 'answer', data: RESPONSE },
    ]);
  });

  it.each([
    [
      new LecternError('unavailable', 'the index is away', { cure: 'Wait.' }),
      { kind: 'unavailable', status: 503, detail: 'the index is away' },
    ],
    [new Error('password=hunter2'), { kind: 'internal', status: 500, detail: 'something unexpected happened' }],
  ])('ends a stream with a problem where it fails: %s', async (error, problem) => {
    const failing = appWith(() => Promise.reject(error));
    expect(await eventsOf(await ask(failing, { stream: true }))).toEqual([{ event: 'error', data: expect.objectContaining(problem) }]);
  });

  it('is described with both of its answers', () => {
    const { paths } = app.getOpenAPI31Document(OPENAPI_INFO);
    expect(Object.keys(paths!['/api/v1/query']!.post!.responses!['200']!.content)).toEqual(['application/json', 'text/event-stream']);
  });
});
