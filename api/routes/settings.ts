import { createRoute } from '@hono/zod-openapi';
import { TenantSettingsChangeSchema, TenantSettingsSchema } from '../../contracts/tenant-settings.ts';
import type { ApiDeps } from '../dependencies.ts';
import { jsonOf, needs, problems, type ApiApp } from '../openapi.ts';
import { smallBody } from '../small-body.ts';

const showSettings = createRoute({
  method: 'get',
  path: '/api/v1/settings',
  summary: 'What this tenant has chosen',
  security: needs('administer'),
  responses: { 200: { description: 'The settings', content: jsonOf(TenantSettingsSchema) }, ...problems(401, 403, 503) },
});

const changeSettings = createRoute({
  method: 'patch',
  path: '/api/v1/settings',
  summary: 'Change settings; turning voiceprints off deletes every voice that was kept',
  security: needs('administer'),
  request: { body: { required: true, content: jsonOf(TenantSettingsChangeSchema) } },
  responses: {
    200: { description: 'The settings as they are now', content: jsonOf(TenantSettingsSchema) },
    ...problems(400, 401, 403, 413, 415, 503),
  },
  middleware: [smallBody] as const,
});

export function addSettingsRoutes(app: ApiApp, { settings, voiceprints }: Pick<ApiDeps, 'settings' | 'voiceprints'>): void {
  app.openapi(showSettings, async (c) => c.json(await settings.get(c.get('tenantId')), 200));
  app.openapi(changeSettings, async (c) => {
    const [tenantId, change] = [c.get('tenantId'), c.req.valid('json')];
    const changed = await settings.update(tenantId, change);
    // Also when they were off: a deletion that was interrupted is made up for by asking again.
    if (change.voiceprints === false) await voiceprints.forgetTenant(tenantId);
    return c.json(changed, 200);
  });
}
