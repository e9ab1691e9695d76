import { createHash } from 'node:crypto';
import { createRoute, z } from '@hono/zod-openapi';
import { IngestAcceptedSchema } from '../../contracts/api.ts';
import { LecternError } from '../../contracts/errors.ts';
import { PrioritySchema } from '../../contracts/lecture.ts';
import { MAX_TERMS } from '../../contracts/vocabulary.ts';
import { acceptUpload, type AcceptDeps } from '../accept-upload.ts';
import type { ApiDeps } from '../dependencies.ts';
import { hashIdempotencyKey, IdempotencyKeySchema, respondOnce } from '../idempotency.ts';
import { jsonOf, needs, problems, type ApiApp } from '../openapi.ts';
import { refuseErased } from '../refuse-erased.ts';
import { makeUploadId } from '../upload-id.ts';
import { receiveUpload, type Upload } from '../upload.ts';

type IngestDeps = AcceptDeps &
  Pick<ApiDeps, 'maxUploadBytes' | 'languages' | 'settings' | 'erasures'> & {
    /** Told the bytes of each recording that came in whole. */
    countUpload(bytes: number): void;
  };

const FormSchema = z.object({
  file: z.string().meta({ format: 'binary', description: 'The recording: any common audio or video container.' }),
  title: z.string().max(300).optional(),
  course: z.string().max(100).optional(),
  semester: z.string().max(40).optional(),
  recordedAt: z.iso.datetime({ offset: true }).optional(),
  language: z.string().optional().meta({ description: 'Spoken language, as `en`; found when left out.' }),
  speakers: z.string().optional().meta({ description: 'How many people speak: `3`, or `2-4`; found when left out.' }),
  priority: PrioritySchema.optional(),
  vocabulary: z
    .string()
    .optional()
    .meta({
      description: `Names and terms of the course, at most ${MAX_TERMS}, separated by commas, semicolons or line breaks: the transcriber spells them so.`,
    }),
});

const ingest = createRoute({
  method: 'post',
  path: '/api/v1/ingest',
  summary: 'Upload a recording and start its ingest',
  security: needs('write'),
  request: {
    headers: z.object({ 'idempotency-key': IdempotencyKeySchema.optional() }),
    body: { required: true, content: { 'multipart/form-data': { schema: FormSchema } } },
  },
  responses: {
    202: { description: 'The upload is complete and its ingest runs', content: jsonOf(IngestAcceptedSchema) },
    ...problems(400, 401, 403, 409, 413, 503, 507),
  },
});

export function addIngestRoute(app: ApiApp, deps: IngestDeps): void {
  // Not `app.openapi`: its validator would read the whole upload into memory before the handler sees it.
  app.openAPIRegistry.registerPath(ingest);
  app.post(ingest.getRoutingPath(), async (c) => {
    const [tenantId, startedMs] = [c.get('tenantId'), Date.now()];
    const idempotencyKey = parseIdempotencyKey(c.req.header('idempotency-key'));
    // Before the body is read: what does not fit is not sent for nothing.
    await deps.quotas.admit(tenantId, Number(c.req.header('content-length') ?? 0));
    const { quotas, languages } = await deps.settings.get(tenantId);
    const upload = await receiveUpload(c.req.raw, deps.objects, {
      temporaryKey: deps.keys.uploadKey(tenantId, makeUploadId(Date.now())),
      maxBytes: Math.min(deps.maxUploadBytes, quotas.uploadBytes ?? Infinity),
      languages: languages ?? deps.languages,
    });
    deps.countUpload(upload.bytes);
    try {
      // An upload takes its time, and the tenant may have gone meanwhile.
      await refuseErased(deps.erasures, tenantId, startedMs);
      const work = () => acceptUpload(deps, tenantId, upload);
      const recordKey = (key: string) => deps.keys.idempotencyKey(tenantId, hashIdempotencyKey(key));
      const accepted =
        idempotencyKey === undefined ? await work() : await respondOnce(deps.objects, recordKey(idempotencyKey), digestOf(upload), work);
      // A run that was under way knows of the request that started it only: this line binds the two.
      c.get('log').info(accepted, 'ingest accepted');
      return c.json(accepted, 202);
    } finally {
      await deps.objects.delete(upload.key);
    }
  });
}

function parseIdempotencyKey(header: string | undefined): string | undefined {
  if (header === undefined) return undefined;
  const parsed = IdempotencyKeySchema.safeParse(header);
  if (!parsed.success) throw new LecternError('invalid-input', 'Idempotency-Key: 1 to 255 printable characters without spaces');
  return parsed.data;
}

/** Of what was said, not of the bytes on the wire: each try has a boundary of its own. */
function digestOf({ sha256, fields }: Upload): string {
  const said = Object.entries(fields).sort(([a], [b]) => (a < b ? -1 : 1));
  return createHash('sha256')
    .update(JSON.stringify([sha256, said]))
    .digest('hex');
}
