import { createRoute, z } from '@hono/zod-openapi';
import { ErasureSchema } from '../../contracts/erasure.ts';
import { LecternError } from '../../contracts/errors.ts';
import { EraseRequestSchema, RetentionSchema, TenantViewSchema } from '../../contracts/tenants.ts';
import type { ApiDeps } from '../dependencies.ts';
import { exportTenant } from '../export-tenant.ts';
import { jsonOf, needs, problems, type ApiApp } from '../openapi.ts';
import { applyRetention, type RetentionDeps } from '../retention.ts';
import { smallBody } from '../small-body.ts';
import { toTar } from '../tar.ts';
import { measureUsage } from '../tenant-usage.ts';

type TenantDeps = RetentionDeps & Pick<ApiDeps, 'erasures' | 'erasure'>;

const showTenant = createRoute({
  method: 'get',
  path: '/api/v1/tenant',
  summary: 'This tenant: settings, quotas, what is used of them',
  security: needs('operate'),
  responses: { 200: { description: 'The tenant', content: jsonOf(TenantViewSchema) }, ...problems(401, 403, 503) },
});

const previewRetention = createRoute({
  method: 'get',
  path: '/api/v1/tenant/retention',
  summary: 'Lectures that are older than this tenant keeps them',
  security: needs('operate'),
  responses: { 200: { description: 'What would be deleted', content: jsonOf(RetentionSchema) }, ...problems(401, 403, 503) },
});

const runRetention = createRoute({
  method: 'post',
  path: '/api/v1/tenant/retention',
  summary: 'Delete lectures that are older than this tenant keeps them, now instead of within the hour',
  security: needs('administer'),
  responses: {
    200: { description: 'What was deleted', content: jsonOf(RetentionSchema) },
    ...problems(400, 401, 403, 409, 413, 503),
  },
  middleware: [smallBody] as const,
});

const exportArchive = createRoute({
  method: 'get',
  path: '/api/v1/tenant/export',
  summary: 'What this tenant takes along: a tar archive of settings, lectures and transcripts, with a manifest of SHA-256 as its end',
  security: needs('administer'),
  request: {
    query: z.object({
      originals: z.stringbool().default(false).meta({ type: 'boolean', description: 'With the recordings.' }),
      voiceprints: z.stringbool().default(false).meta({ type: 'boolean', description: 'With the voiceprints: biometric data.' }),
    }),
  },
  responses: {
    200: { description: 'The archive', content: { 'application/x-tar': { schema: z.string().meta({ format: 'binary' }) } } },
    ...problems(400, 401, 403, 503),
  },
});

const eraseTenant = createRoute({
  method: 'post',
  path: '/api/v1/tenant/erase',
  summary: 'Erase this tenant: every lecture, voice, key, schedule and history. It cannot be undone; writers are refused from now on',
  security: needs('administer'),
  request: { body: { required: true, content: jsonOf(EraseRequestSchema) } },
  responses: {
    202: { description: 'The erasure runs; `lectern tenants show` tells its proof', content: jsonOf(ErasureSchema) },
    ...problems(400, 401, 403, 409, 413, 415, 503),
  },
  middleware: [smallBody] as const,
});

/** Adds the routes of the tenant as a whole. Quotas are set beside the stores, by `lectern tenants configure`. */
export function addTenantRoutes(app: ApiApp, deps: TenantDeps): void {
  app.openapi(showTenant, async (c) => {
    const tenantId = c.get('tenantId');
    const erasure = await deps.erasures.get(tenantId);
    const [settings, usage] = await Promise.all([deps.settings.get(tenantId), measureUsage(deps.lectures, tenantId, Date.now())]);
    return c.json({ tenantId, settings, usage, ...(erasure === undefined ? {} : { erasure }) }, 200);
  });
  app.openapi(previewRetention, async (c) =>
    c.json(await applyRetention(deps, c.get('tenantId'), { isDryRun: true, nowMs: Date.now() }), 200),
  );
  app.openapi(runRetention, async (c) =>
    c.json(await applyRetention(deps, c.get('tenantId'), { isDryRun: false, nowMs: Date.now() }), 200),
  );
  app.openapi(exportArchive, async (c) => {
    const archive = toTar(exportTenant(deps, c.get('tenantId'), c.req.valid('query')), Date.now());
    return c.body(ReadableStream.from(archive), 200, { 'content-type': 'application/x-tar', 'cache-control': 'no-store' });
  });
  app.openapi(eraseTenant, async (c) => {
    const tenantId = c.get('tenantId');
    if (c.req.valid('json').confirm !== tenantId) {
      throw new LecternError('invalid-input', 'confirm: it is not the id of the tenant whose key this is', {
        cure: 'Send the id of the tenant as `confirm`; `GET /api/v1/tenant` tells it.',
      });
    }
    c.get('log').warn('the tenant is erased');
    return c.json(await deps.erasure.start(tenantId), 202);
  });
}
