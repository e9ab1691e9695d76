import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { IngestAccepted } from '../../contracts/api.ts';
import type { TemporalServer } from '../../cli/embedded/temporal-server.ts';
import { startTestTemporal } from '../support/temporal-server.ts';
import { createVoiceprintStore } from '../../storage/voiceprints.ts';
import { ask, OWN_TENANT, startTestApi, upload, type TestApi } from './test-api.ts';

let temporal: TemporalServer;
let api: TestApi;
/** What the own tenant has; no worker runs, so its job stays as it is. */
let owned: IngestAccepted & { voiceprintId: string; speaker: string };

interface Operation {
  responses: Record<string, unknown>;
  parameters?: { in: string; name: string }[];
  security?: Record<string, string[]>[];
}
interface Route {
  method: string;
  path: string;
  operation: Operation;
}
let routes: Route[];

beforeAll(async () => {
  temporal = await startTestTemporal();
  api = await startTestApi(temporal.address);
  const response = await upload(api.url, { key: api.apiKeys.own });
  const accepted = (await response.json()) as IngestAccepted;
  const { voiceprintId } = await createVoiceprintStore(api.objects).enrol(OWN_TENANT, 'Ines', {
    lectureId: accepted.lectureId,
    speaker: 'S1',
    cleanSeconds: 9,
    model: { name: 'campplus', revision: '1', precision: 'fp32' },
    enrolledAt: new Date().toISOString(),
    vector: 'AAAA',
  });
  owned = { ...accepted, voiceprintId, speaker: 'S1' };
  const document = (await (await fetch(`${api.url}/openapi.json`)).json()) as { paths: Record<string, Record<string, Operation>> };
  routes = Object.entries(document.paths).flatMap(([path, operations]) =>
    Object.entries(operations).map(([method, operation]) => ({ method: method.toUpperCase(), path, operation })),
  );
});
afterAll(async () => {
  await api?.close();
  await temporal?.stop();
});

/** Bodies that are right for the routes that need one beside an id. */
const BODIES: Record<string, unknown> = { 'PUT /api/v1/lectures/{lectureId}/speakers/{speaker}': { name: 'Ines' } };

const fill = (path: string, ids: { [Id in keyof typeof UNKNOWN]: string }): string =>
  path
    .replace('{jobId}', ids.jobId)
    .replace('{lectureId}', ids.lectureId)
    .replace('{speaker}', ids.speaker)
    .replace('{voiceprintId}', ids.voiceprintId);
const UNKNOWN = {
  lectureId: `lec_${'0'.repeat(24)}`,
  jobId: `lec_${'0'.repeat(24)}.00000000-0000-0000-0000-000000000000`,
  voiceprintId: `vp_${'0'.repeat(24)}`,
  speaker: 'S2',
};

async function answerOf(key: string, { method, path }: Route, ids: typeof UNKNOWN): Promise<{ status: number; body: string }> {
  const body = BODIES[`${method} ${path}`];
  const sent = body === undefined ? {} : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } };
  const response = await ask(api.url, key, fill(path, ids), { method, ...sent });
  // The instance names the one request; all else must be the same for foreign and unknown ids.
  return { status: response.status, body: (await response.text()).replace(/urn:uuid:[0-9a-f-]+/, '') };
}

describe('the OpenAPI document', () => {
  it('is OpenAPI 3.1 and holds every route that the app serves', () => {
    const documented = new Set(routes.map(({ method, path }) => `${method} ${path.replaceAll(/\{(\w+)\}/g, ':$1')}`));
    const served = api.app.routes
      .filter(({ method, path }) => method !== 'ALL' && path !== '/openapi.json')
      .map(({ method, path }) => `${method} ${path}`);
    expect(new Set(served)).toEqual(documented);
    expect(documented.size).toBeGreaterThanOrEqual(12);
  });

  it('asks for a key everywhere but at the health checks and at the metrics, which name no tenant', () => {
    const open = routes.filter(({ operation }) => operation.security === undefined).map(({ path }) => path);
    expect(open.sort()).toEqual(['/health/live', '/health/ready', '/metrics']);
  });
});

describe('every route of the document', () => {
  it('says which problems any request may meet: a wrong key, a store that is away, and a body that cannot be taken', () => {
    for (const { method, path, operation } of routes.filter(({ path: at }) => at.startsWith('/api/'))) {
      const expected = ['401', '503', ...(method === 'POST' ? ['400', '413'] : [])];
      expect(Object.keys(operation.responses), `${method} ${path}`).toEqual(expect.arrayContaining(expected));
    }
    const ofRoute = (path: string) => Object.keys(routes.find((route) => route.path === path)?.operation.responses ?? {});
    expect(ofRoute('/api/v1/ingest')).toContain('507');
    expect(ofRoute('/api/v1/query')).toContain('415');
  });

  it('answers 401 without a key, with a wrong one and with a revoked form of one', async () => {
    for (const { method, path } of routes.filter(({ operation }) => operation.security !== undefined)) {
      for (const authorization of [
        undefined,
        'Bearer lk_wrong',
        `Bearer ${api.apiKeys.own}x`,
        `Basic ${api.apiKeys.own}`,
        api.apiKeys.own,
      ]) {
        const headers = authorization === undefined ? {} : { authorization };
        const response = await fetch(`${api.url}${fill(path, owned)}`, { method, headers });
        expect(response.status, `${method} ${path} with ${authorization}`).toBe(401);
        expect(await response.json()).toMatchObject({ kind: 'unauthorized' });
      }
    }
  });

  it('answers a foreign tenant as if the id had never been', async () => {
    const withIds = routes.filter(({ path }) => path.includes('{'));
    expect(withIds.length).toBeGreaterThanOrEqual(6);
    for (const route of withIds) {
      const foreign = await answerOf(api.apiKeys.foreign, route, owned);
      const unknown = await answerOf(api.apiKeys.foreign, route, UNKNOWN);
      expect(foreign.status, `${route.method} ${route.path}`).toBe(404);
      expect(foreign).toEqual(unknown);
      const malformed = await answerOf(api.apiKeys.foreign, route, {
        lectureId: '..%2f..%2fkeys',
        jobId: 'x',
        voiceprintId: 'x',
        speaker: '..',
      });
      expect(malformed.status).toBe(404);
    }
    expect((await ask(api.url, api.apiKeys.own, `/api/v1/lectures/${owned.lectureId}`)).status).toBe(200);
    expect(await (await ask(api.url, api.apiKeys.own, `/api/v1/jobs/${owned.jobId}`)).json()).toMatchObject({ state: 'running' });
  });

  it('lists nothing of another tenant', async () => {
    const lists = routes.filter(({ method, path }) => method === 'GET' && path.startsWith('/api/') && !path.includes('{'));
    // The settings name nothing that a tenant has: their own test looks at them.
    for (const { path } of lists.filter((list) => list.path !== '/api/v1/settings')) {
      const text = await (await ask(api.url, api.apiKeys.foreign, path)).text();
      expect(text, path).not.toContain(owned.lectureId);
      expect(await (await ask(api.url, api.apiKeys.own, path)).text(), path).toContain(owned.lectureId);
    }
  });

  it('forbids browsers to do anything with an answer', async () => {
    for (const { method, path } of routes) {
      const { headers } = await ask(api.url, api.apiKeys.own, fill(path, UNKNOWN), { method });
      expect(headers.get('x-content-type-options')).toBe('nosniff');
      expect(headers.get('content-security-policy')).toMatch(/default-src 'none'.*sandbox/);
      expect(headers.get('x-request-id')).toMatch(/^[0-9a-f-]{36}$/);
    }
  });
});
