import { createRoute, z } from '@hono/zod-openapi';
import {
  EnrolVoiceSchema,
  VoiceprintIdSchema,
  VoiceprintListSchema,
  VoiceprintViewSchema,
  type Voiceprint,
  type VoiceprintView,
} from '../../contracts/voiceprints.ts';
import { enrolVoice, type EnrolDeps } from '../enrol-voice.ts';
import { jsonOf, needs, problems, type ApiApp } from '../openapi.ts';
import { smallBody } from '../small-body.ts';

const listVoiceprints = createRoute({
  method: 'get',
  path: '/api/v1/voiceprints',
  summary: 'People whose voices this tenant has put names to, by name',
  security: needs('write'),
  responses: { 200: { description: 'The voiceprints', content: jsonOf(VoiceprintListSchema) }, ...problems(401, 403, 503) },
});

const enrol = createRoute({
  method: 'post',
  path: '/api/v1/voiceprints',
  summary: 'Put a name to the voice of a speaker of a lecture, for tenants that have turned voiceprints on',
  security: needs('write'),
  request: { body: { required: true, content: jsonOf(EnrolVoiceSchema) } },
  responses: {
    201: { description: 'The voiceprint with its samples', content: jsonOf(VoiceprintViewSchema) },
    ...problems(400, 401, 403, 404, 409, 413, 415, 503),
  },
  middleware: [smallBody] as const,
});

const deleteVoiceprint = createRoute({
  method: 'delete',
  path: '/api/v1/voiceprints/{voiceprintId}',
  summary: 'Delete a voiceprint with its samples',
  security: needs('write'),
  request: { params: z.object({ voiceprintId: VoiceprintIdSchema }) },
  responses: { 204: { description: 'Nothing of it is left' }, ...problems(401, 403, 404, 503) },
});

/** Adds the routes under `/api/v1/voiceprints`. Vectors never leave. */
export function addVoiceprintRoutes(app: ApiApp, deps: EnrolDeps): void {
  const { voiceprints } = deps;
  app.openapi(listVoiceprints, async (c) => c.json({ voiceprints: (await voiceprints.list(c.get('tenantId'))).map(toView) }, 200));
  app.openapi(enrol, async (c) => c.json(toView(await enrolVoice(deps, c.get('tenantId'), c.req.valid('json'))), 201));
  app.openapi(deleteVoiceprint, async (c) => {
    await voiceprints.delete(c.get('tenantId'), c.req.valid('param').voiceprintId);
    return c.body(null, 204);
  });
}

function toView(voiceprint: Voiceprint): VoiceprintView {
  return VoiceprintViewSchema.parse(voiceprint);
}
