import { Hono } from 'hono';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { pino } from 'pino';
import { ProblemSchema } from '../contracts/api.ts';
import type { ApiEnvironment } from './context.ts';
import { toProblemResponse } from './problem.ts';
import { createRateLimit, type RateLimits } from './rate-limit.ts';

const REQUEST = '9d4f4f0e-6c5f-4b53-8b1a-0d6f3a5b9c11';

/** `/api` behind limits; `ask('tum', 'key-1', 'POST /api/v1/query')` answers the response. */
function serve(limits: RateLimits): (tenantId: string, keyId: string, route?: string) => Promise<Response> {
  const app = new Hono<ApiEnvironment>();
  app.onError((error) => toProblemResponse(error, REQUEST));
  app.use(async (c, next) => {
    const [tenantId, keyId] = (c.req.header('authorization') ?? '').split(' ');
    c.set('log', pino({ level: 'silent' }));
    c.set('tenantId', tenantId ?? '');
    c.set('principal', { keyId: keyId ?? '', name: 'test', role: 'admin', scopes: [] });
    await next();
  });
  app.use('/api/*', createRateLimit(limits));
  app.all('/api/*', (c) => c.text('here'));
  return async (tenantId, keyId, route = 'GET /api/v1/lectures') => {
    const [method, path] = route.split(' ') as [string, string];
    return app.request(path, { method, headers: { authorization: `${tenantId} ${keyId}` } });
  };
}

async function statuses(count: number, one: () => Promise<Response>): Promise<number[]> {
  const answers: number[] = [];
  for (let sent = 0; sent < count; sent += 1) answers.push((await one()).status);
  return answers;
}

describe('rate limits', () => {
  beforeEach(() => {
    vi.useFakeTimers();
    return () => vi.useRealTimers();
  });

  it('refuse what a key or a tenant sends beyond its limit, until the minute is over', async () => {
    const ask = serve({ requests: 4, uploads: 0, questions: 0 });
    expect(await statuses(3, () => ask('tum', 'k1'))).toEqual([200, 200, 429]);
    // The refused one counts for the tenant too: one is left for its other key.
    expect(await statuses(2, () => ask('tum', 'k2'))).toEqual([200, 429]);
    expect(await statuses(2, () => ask('lmu', 'k3'))).toEqual([200, 200]);
    vi.advanceTimersByTime(60_000);
    expect((await ask('tum', 'k1')).status).toBe(200);
  });

  it('say what is left, and in a problem document when to come back', async () => {
    const ask = serve({ requests: 2, uploads: 0, questions: 0 });
    const first = await ask('tum', 'k1');
    expect(first.headers.get('ratelimit-policy')).toBe('"requests of the key";q=1;w=60');
    expect(first.headers.get('ratelimit')).toBe('"requests of the key";r=0;t=60');
    vi.advanceTimersByTime(20_500);
    const refused = await ask('tum', 'k1');
    expect(refused.status).toBe(429);
    expect(refused.headers.get('retry-after')).toBe('40');
    const problem = ProblemSchema.parse(await refused.json());
    expect(problem).toMatchObject({ kind: 'rate-limited', status: 429 });
    expect(problem.detail).toContain('1 requests of the key');
  });

  it('count uploads and questions by themselves', async () => {
    const ask = serve({ requests: 100, uploads: 2, questions: 4 });
    expect(await statuses(2, () => ask('tum', 'k1', 'POST /api/v1/ingest'))).toEqual([200, 429]);
    expect(await statuses(3, () => ask('tum', 'k1', 'POST /api/v1/query'))).toEqual([200, 200, 429]);
    expect(await statuses(3, () => ask('tum', 'k1', 'GET /api/v1/jobs'))).toEqual([200, 200, 200]);
  });

  it('are off at 0', async () => {
    const ask = serve({ requests: 0, uploads: 0, questions: 0 });
    const answer = await ask('tum', 'k1', 'POST /api/v1/query');
    expect(answer.status).toBe(200);
    expect(answer.headers.get('ratelimit')).toBeNull();
  });
});
