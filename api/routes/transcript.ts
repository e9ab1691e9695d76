import { createRoute, z } from '@hono/zod-openapi';
import { TranscriptFormatSchema, TranscriptViewSchema, type TranscriptFormat } from '../../contracts/api.ts';
import { LecternError } from '../../contracts/errors.ts';
import { LectureIdSchema } from '../../contracts/identity.ts';
import { TranscriptSchema, type Transcript } from '../../contracts/transcript.ts';
import { toMarkdown } from '../../transcript/captions/markdown.ts';
import { toRttm } from '../../transcript/captions/rttm.ts';
import { toSubRip } from '../../transcript/captions/subrip.ts';
import { toWebVtt } from '../../transcript/captions/web-vtt.ts';
import type { ApiDeps } from '../dependencies.ts';
import { getLecture } from '../get-lecture.ts';
import { NEEDS_API_KEY, problems, type ApiApp } from '../openapi.ts';

const showTranscript = createRoute({
  method: 'get',
  path: '/api/v1/lectures/{lectureId}/transcript',
  summary: 'The transcript: words, captions or speaker turns',
  security: NEEDS_API_KEY,
  request: {
    params: z.object({ lectureId: LectureIdSchema }),
    query: z.object({ format: TranscriptFormatSchema.default('json') }),
  },
  responses: {
    200: {
      description: 'In the format asked for',
      content: {
        'application/json': { schema: TranscriptViewSchema },
        'text/vtt': { schema: z.string() },
        'application/x-subrip': { schema: z.string() },
        'text/markdown': { schema: z.string() },
        'text/plain': { schema: z.string() },
      },
    },
    ...problems(400, 401, 404),
  },
});

type TextFormat = Exclude<TranscriptFormat, 'json'>;
type Names = Record<string, string>;

const TEXT_FORMATS: Record<
  TextFormat,
  { contentType: string; write: (transcript: Transcript, names: Names, lectureId: string) => string }
> = {
  vtt: { contentType: 'text/vtt; charset=utf-8', write: toWebVtt },
  srt: { contentType: 'application/x-subrip; charset=utf-8', write: toSubRip },
  md: { contentType: 'text/markdown; charset=utf-8', write: toMarkdown },
  rttm: { contentType: 'text/plain; charset=utf-8', write: (transcript, _, lectureId) => toRttm(transcript, lectureId) },
};

export function addTranscriptRoute(app: ApiApp, { lectures, artifacts }: Pick<ApiDeps, 'lectures' | 'artifacts'>): void {
  app.openapi(showTranscript, async (c) => {
    const lecture = await getLecture(lectures, c.get('tenantId'), c.req.valid('param').lectureId);
    const key = lecture.artifacts.transcript;
    if (key === undefined) {
      throw new LecternError('not-found', `the lecture has no transcript: it is ${lecture.state}`, {
        cure: 'Wait for its job to complete.',
      });
    }
    const transcript = await artifacts.read({ key }, TranscriptSchema);
    const { lectureId, speakerNames } = lecture;
    const { format } = c.req.valid('query');
    if (format === 'json') return c.json({ lectureId, speakerNames, ...transcript }, 200);
    const { contentType, write } = TEXT_FORMATS[format];
    return c.body(write(transcript, speakerNames, lectureId), 200, { 'content-type': contentType });
  });
}
