import { Readable } from 'node:stream';
import { createRoute, z } from '@hono/zod-openapi';
import { LecternError } from '../../contracts/errors.ts';
import { LectureIdSchema } from '../../contracts/identity.ts';
import type { Lecture } from '../../contracts/lecture.ts';
import { PreparedMediaSchema } from '../../contracts/media.ts';
import { parseByteRange } from '../byte-range.ts';
import type { ApiContext } from '../context.ts';
import type { ApiDeps } from '../dependencies.ts';
import { getVisibleLecture } from '../get-lecture.ts';
import { needs, problems, type ApiApp } from '../openapi.ts';

type MediaDeps = Pick<ApiDeps, 'lectures' | 'artifacts' | 'objects'>;

const binary = { '*/*': { schema: z.string().meta({ format: 'binary' }) } };

const showMedia = createRoute({
  method: 'get',
  path: '/api/v1/lectures/{lectureId}/media',
  summary: 'The recording as it was uploaded, whole or a range of bytes',
  security: needs('read'),
  request: { params: z.object({ lectureId: LectureIdSchema }) },
  responses: {
    200: { description: 'The recording', content: binary },
    206: { description: 'The range asked for', content: binary },
    ...problems(401, 403, 404, 416, 503),
  },
});

/** Content types by the container that the probe found: [sound only, with pictures]. All else is bytes. */
const CONTENT_TYPES: Record<string, readonly [string, string]> = {
  mov: ['audio/mp4', 'video/mp4'],
  mp4: ['audio/mp4', 'video/mp4'],
  matroska: ['audio/webm', 'video/webm'],
  webm: ['audio/webm', 'video/webm'],
  ogg: ['audio/ogg', 'video/ogg'],
  wav: ['audio/wav', 'audio/wav'],
  mp3: ['audio/mpeg', 'audio/mpeg'],
  flac: ['audio/flac', 'audio/flac'],
  aac: ['audio/aac', 'audio/aac'],
};

export function addMediaRoute(app: ApiApp, deps: MediaDeps): void {
  app.openapi(showMedia, async (c) => {
    const lecture = await getVisibleLecture(deps.lectures, c, c.req.valid('param').lectureId);
    return sendMedia(c, lecture, deps);
  });
}

async function sendMedia(c: ApiContext, { media, artifacts }: Lecture, deps: MediaDeps): Promise<Response> {
  const etag = `"${media.sha256}"`;
  const headers = {
    'content-type': await contentTypeOf(artifacts.prepared, deps.artifacts),
    'accept-ranges': 'bytes',
    etag,
    // Asked again each time: what was deleted must not come from a cache.
    'cache-control': 'private, no-cache',
  };
  if (c.req.header('if-none-match') === etag) return c.body(null, 304, headers);
  // A range of another version is worthless, so a stale If-Range gets all of this one.
  const ifRange = c.req.header('if-range');
  const range = ifRange === undefined || ifRange === etag ? parseByteRange(c.req.header('range'), media.bytes) : undefined;
  if (range === 'unsatisfiable') {
    throw new LecternError('invalid-input', `the range lies outside the ${media.bytes} bytes of the recording`, {
      details: { rangeBytes: media.bytes },
    });
  }
  const { start, end } = range ?? { start: 0, end: media.bytes };
  const partial = range === undefined ? {} : { 'content-range': `bytes ${start}-${end - 1}/${media.bytes}` };
  const all = { ...headers, ...partial, 'content-length': String(end - start) };
  const status = range === undefined ? 200 : 206;
  if (c.req.method === 'HEAD') return c.body(null, status, all);
  const stream = Readable.from(await deps.objects.stream(media.key, range), { objectMode: false });
  return c.body(Readable.toWeb(stream) as ReadableStream, status, all);
}

/** From what the probe found, never from what the client said: the bytes are hostile and so may the claim be. */
async function contentTypeOf(preparedKey: string | undefined, artifacts: ApiDeps['artifacts']): Promise<string> {
  const bytes = 'application/octet-stream';
  if (preparedKey === undefined) return bytes;
  const { media } = await artifacts.read({ key: preparedKey }, PreparedMediaSchema);
  return CONTENT_TYPES[media.container]?.[media.hasVideo ? 1 : 0] ?? bytes;
}
