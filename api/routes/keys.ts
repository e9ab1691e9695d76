import { createRoute, z } from '@hono/zod-openapi';
import { ApiKeyIdSchema, ApiKeyListSchema, ApiKeySchema, CreatedApiKeySchema, NewApiKeySchema } from '../../contracts/api-keys.ts';
import type { ApiDeps } from '../dependencies.ts';
import { jsonOf, needs, problems, type ApiApp } from '../openapi.ts';
import { smallBody } from '../small-body.ts';

const params = z.object({ keyId: ApiKeyIdSchema });

const listKeys = createRoute({
  method: 'get',
  path: '/api/v1/keys',
  summary: 'API keys of this tenant, oldest first, without the keys themselves',
  security: needs('administer'),
  responses: { 200: { description: 'The keys', content: jsonOf(ApiKeyListSchema) }, ...problems(401, 403, 503) },
});

const createKey = createRoute({
  method: 'post',
  path: '/api/v1/keys',
  summary: 'Make an API key for a role; it is told this once',
  security: needs('administer'),
  request: { body: { required: true, content: jsonOf(NewApiKeySchema) } },
  responses: {
    201: { description: 'The key', content: jsonOf(CreatedApiKeySchema) },
    ...problems(400, 401, 403, 409, 413, 415, 503),
  },
  middleware: [smallBody] as const,
});

const rotateKey = createRoute({
  method: 'post',
  path: '/api/v1/keys/{keyId}/rotate',
  summary: 'Make a second key of the same name, role and scopes; the first lives until it is revoked',
  security: needs('administer'),
  request: { params },
  responses: {
    201: { description: 'The new key', content: jsonOf(CreatedApiKeySchema) },
    ...problems(400, 401, 403, 404, 409, 413, 503),
  },
  middleware: [smallBody] as const,
});

const revokeKey = createRoute({
  method: 'delete',
  path: '/api/v1/keys/{keyId}',
  summary: 'Make a key worthless, at once and for good',
  security: needs('administer'),
  request: { params },
  responses: { 200: { description: 'The key as it is now', content: jsonOf(ApiKeySchema) }, ...problems(401, 403, 404, 503) },
});

/** Adds the routes under `/api/v1/keys`. A key can do there whatever its admin can, and nothing beyond its tenant. */
export function addKeyRoutes(app: ApiApp, { apiKeys }: Pick<ApiDeps, 'apiKeys'>): void {
  app.openapi(listKeys, async (c) => c.json({ keys: await apiKeys.list(c.get('tenantId')) }, 200));
  app.openapi(createKey, async (c) => c.json(await apiKeys.create(c.get('tenantId'), c.req.valid('json')), 201));
  app.openapi(rotateKey, async (c) => c.json(await apiKeys.rotate(c.req.valid('param').keyId, c.get('tenantId')), 201));
  app.openapi(revokeKey, async (c) => c.json(await apiKeys.revoke(c.req.valid('param').keyId, c.get('tenantId')), 200));
}
