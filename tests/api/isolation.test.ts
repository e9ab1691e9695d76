import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { IngestAccepted } from '../../contracts/api.ts';
import { ROLES, SCOPES_OF_ROLE, ScopeSchema, type Role } from '../../contracts/roles.ts';
import type { TemporalServer } from '../../cli/embedded/temporal-server.ts';
import { startTestTemporal } from '../support/temporal-server.ts';
import { createApiKeyStore } from '../../storage/api-keys.ts';
import { createVoiceprintStore } from '../../storage/voiceprints.ts';
import { ask, OWN_TENANT, startTestApi, upload, type TestApi } from './test-api.ts';

let temporal: TemporalServer;
let api: TestApi;
/** What the own tenant has; no worker runs, so its job stays as it is. */
let owned: Ids;
/** A key of each role of two tenants. */
const keysOfRole = { own: {} as Record<Role, string>, foreign: {} as Record<Role, string> };

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
  const apiKeys = createApiKeyStore(api.objects);
  const { apiKey } = await apiKeys.create(OWN_TENANT, { name: 'named in paths', role: 'student' });
  const bulk = await ask(api.url, api.apiKeys.own, '/api/v1/jobs/retry', { method: 'POST' });
  const { retryId } = (await bulk.json()) as { retryId: string };
  const scheduleId = 'weekly';
  const reindexId = await startReindex(scheduleId);
  owned = { ...accepted, voiceprintId, speaker: 'S1', keyId: apiKey.id, retryId, scheduleId, reindexId, number: '1' };
  for (const role of ROLES) {
    keysOfRole.own[role] = (await apiKeys.create(OWN_TENANT, { name: role, role })).key;
    keysOfRole.foreign[role] = (await apiKeys.create('foreign-uni', { name: role, role })).key;
  }
  const document = (await (await fetch(`${api.url}/openapi.json`)).json()) as { paths: Record<string, Record<string, Operation>> };
  routes = Object.entries(document.paths).flatMap(([path, operations]) =>
    Object.entries(operations).map(([method, operation]) => ({ method: method.toUpperCase(), path, operation })),
  );
});
/** No worker runs, so it stays as it is. */
async function startReindex(scheduleId: string): Promise<string> {
  const headers = { 'content-type': 'application/json' };
  const body = JSON.stringify({ scheduleId, semester: 'WS 26', cron: '0 3 * * 1', paused: true });
  await ask(api.url, api.apiKeys.own, '/api/v1/schedules', { method: 'POST', headers, body });
  await ask(api.url, api.apiKeys.own, `/api/v1/schedules/${scheduleId}/trigger`, { method: 'POST' });
  for (;;) {
    const response = await ask(api.url, api.apiKeys.own, '/api/v1/reindexes');
    const { reindexes } = (await response.json()) as { reindexes: { reindexId: string }[] };
    if (reindexes.length > 0) return reindexes[0]!.reindexId;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
afterAll(async () => {
  await api?.close();
  await temporal?.stop();
});

/** Bodies that are right for the routes that need one beside an id. */
const BODIES: Record<string, unknown> = {
  'PUT /api/v1/lectures/{lectureId}/speakers/{speaker}': { name: 'Ines' },
  'POST /api/v1/lectures/{lectureId}/diarize': { speakers: { exact: 2 } },
  'PATCH /api/v1/lectures/{lectureId}/transcript': { baseRevision: 1, operations: [{ kind: 'joinTurns', turn: 0 }] },
  'POST /api/v1/schedules/{scheduleId}/backfill': { from: '2026-01-01T00:00:00Z', to: '2026-01-02T00:00:00Z' },
};

/** The path with ids in it. A parameter that this test knows no id of fails it: isolation is looked at for every one. */
const fill = (path: string, ids: Ids): string =>
  path.replaceAll(/\{(\w+)\}/g, (_, name: string) => {
    const id = (ids as unknown as Record<string, string>)[name];
    if (id === undefined) throw new Error(`${path}: give this test an id for {${name}}`);
    return id;
  });
/** What of the own tenant a list shows to it. */
const SHOWN_BY: Record<string, keyof Ids> = {
  '/api/v1/lectures': 'lectureId',
  '/api/v1/jobs': 'jobId',
  '/api/v1/voiceprints': 'voiceprintId',
  '/api/v1/keys': 'keyId',
  '/api/v1/schedules': 'scheduleId',
  '/api/v1/reindexes': 'reindexId',
};
const UNKNOWN = {
  lectureId: `lec_${'0'.repeat(24)}`,
  jobId: `lec_${'0'.repeat(24)}.00000000-0000-0000-0000-000000000000`,
  voiceprintId: `vp_${'0'.repeat(24)}`,
  speaker: 'S2',
  keyId: '0'.repeat(16),
  scheduleId: 'none',
  reindexId: 'none-2026-01-01T00:00:00Z',
  retryId: '00000000-0000-4000-8000-000000000000',
  number: '2',
};
type Ids = { [Id in keyof typeof UNKNOWN]: string };

/** The scope that a route declares. */
const scopeOf = ({ method, path, operation }: Route) => {
  const declared = ScopeSchema.safeParse(operation.security?.[0]?.['apiKey']?.[0]);
  if (!declared.success) throw new Error(`${method} ${path} does not say who may use it: security: needs('...')`);
  return declared.data;
};

async function answerOf(key: string, { method, path }: Route, ids: Ids): Promise<{ status: number; body: string }> {
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

  it('asks for a key everywhere but at the health checks, at the metrics, which name no tenant, and where a browser signs in and out', () => {
    const open = routes.filter(({ operation }) => operation.security === undefined).map(({ path }) => path);
    expect(open.sort()).toEqual(['/health/live', '/health/ready', '/metrics', '/session', '/session']);
  });
});

describe('every route of the document', () => {
  it('says which problems any request may meet: a wrong key, a store that is away, and a body that cannot be taken', () => {
    for (const { method, path, operation } of routes.filter(({ path: at }) => at.startsWith('/api/'))) {
      const expected = ['401', '403', '503', ...(method === 'POST' ? ['400', '413'] : [])];
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
        keyId: 'x',
        scheduleId: '..',
        reindexId: '..',
        retryId: 'x',
        number: 'x',
      });
      expect(malformed.status).toBe(404);
    }
    expect((await ask(api.url, api.apiKeys.own, `/api/v1/lectures/${owned.lectureId}`)).status).toBe(200);
    expect(await (await ask(api.url, api.apiKeys.own, `/api/v1/jobs/${owned.jobId}`)).json()).toMatchObject({ state: 'running' });
  });

  it.each(ROLES)('is open to the role %s where it says so, and closed elsewhere, for ids of one’s own and foreign ones', async (role) => {
    for (const route of routes.filter(({ path }) => path.startsWith('/api/'))) {
      const where = `${role}: ${route.method} ${route.path}`;
      const isAllowed = SCOPES_OF_ROLE[role].includes(scopeOf(route));
      // Of one's own only unknown ids: what is allowed would be done.
      const own = await answerOf(keysOfRole.own[role], route, UNKNOWN);
      expect(own.status === 403, where).toBe(!isAllowed);
      expect(own.body.includes('"kind":"forbidden"'), where).toBe(!isAllowed);
      if (!route.path.includes('{')) continue;
      const foreign = await answerOf(keysOfRole.foreign[role], route, owned);
      expect(foreign.status, where).toBe(isAllowed ? 404 : 403);
      expect(foreign, where).toEqual(await answerOf(keysOfRole.foreign[role], route, UNKNOWN));
    }
  });

  it('shows students no lecture that has not been ready, as if it were not there', async () => {
    const reads = routes.filter(
      ({ method, path }) => method === 'GET' && /lectures\/\{lectureId\}(\/(transcript|media|speakers))?$/.test(path),
    );
    expect(reads).toHaveLength(4);
    const { student, lecturer } = keysOfRole.own;
    for (const route of reads) {
      expect(await answerOf(student, route, owned), route.path).toEqual(await answerOf(student, route, UNKNOWN));
    }
    const list = async (key: string) => (await ask(api.url, key, '/api/v1/lectures')).text();
    expect(await list(student)).not.toContain(owned.lectureId);
    expect(await list(lecturer)).toContain(owned.lectureId);
    await api.lectures.update(OWN_TENANT, owned.lectureId, (lecture) => ({ ...lecture, generation: 'g1' }));
    expect(await list(student)).toContain(owned.lectureId);
    expect((await ask(api.url, student, `/api/v1/lectures/${owned.lectureId}`)).status).toBe(200);
  });

  it('lists nothing of another tenant', async () => {
    const lists = routes.filter(({ method, path }) => method === 'GET' && path.startsWith('/api/') && !path.includes('{'));
    for (const { path } of lists) {
      const text = await (await ask(api.url, api.apiKeys.foreign, path)).text();
      for (const id of Object.values(owned).filter((value) => typeof value === 'string' && value.length > 2)) {
        expect(text, path).not.toContain(id);
      }
      const shown = SHOWN_BY[path];
      if (shown === undefined) continue;
      expect(await (await ask(api.url, api.apiKeys.own, path)).text(), path).toContain(owned[shown]);
    }
    expect(lists.map(({ path }) => path)).toEqual(expect.arrayContaining(Object.keys(SHOWN_BY)));
  });

  it('forbids browsers to do anything with an answer', async () => {
    for (const { method, path } of routes) {
      const { headers } = await ask(api.url, api.apiKeys.own, fill(path, UNKNOWN), { method });
      expect(headers.get('x-content-type-options')).toBe('nosniff');
      // Outside `/api/` is the page, which may run its own code; nothing that a tenant uploaded or said is answered there.
      const policy = path.startsWith('/api/') ? /default-src 'none'.*sandbox/ : /default-src 'none'/;
      expect(headers.get('content-security-policy'), path).toMatch(policy);
      expect(headers.get('x-request-id')).toMatch(/^[0-9a-f-]{36}$/);
    }
  });
});
