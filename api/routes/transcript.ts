import { createRoute, z } from '@hono/zod-openapi';
import { TranscriptFormatSchema, TranscriptViewSchema, type TranscriptFormat } from '../../contracts/api.ts';
import { LectureIdSchema } from '../../contracts/identity.ts';
import { headOf } from '../../contracts/head-revision.ts';
import type { Lecture } from '../../contracts/lecture.ts';
import { DiarizationSchema, type Transcript } from '../../contracts/transcript.ts';
import { toMarkdown } from '../../transcript/captions/markdown.ts';
import { toRttm } from '../../transcript/captions/rttm.ts';
import { toSubRip } from '../../transcript/captions/sub-rip.ts';
import { toSegLst } from '../../transcript/captions/seg-lst.ts';
import { toTsv } from '../../transcript/captions/tsv.ts';
import { toWebVtt } from '../../transcript/captions/web-vtt.ts';
import type { ApiDeps } from '../dependencies.ts';
import { getVisibleLecture } from '../get-lecture.ts';
import { needs, problems, type ApiApp } from '../openapi.ts';
import { readTranscript } from '../read-transcript.ts';

const showTranscript = createRoute({
  method: 'get',
  path: '/api/v1/lectures/{lectureId}/transcript',
  summary: 'The transcript: words (json, tsv), captions (vtt, srt), a text to read (md), speaker turns (rttm) or turns with words (seglst)',
  security: needs('read'),
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
        'text/tab-separated-values': { schema: z.string() },
      },
    },
    ...problems(400, 401, 403, 404, 503),
  },
});

const CONTENT_TYPES: Record<TranscriptFormat, string> = {
  json: 'application/json',
  vtt: 'text/vtt; charset=utf-8',
  srt: 'application/x-subrip; charset=utf-8',
  md: 'text/markdown; charset=utf-8',
  rttm: 'text/plain; charset=utf-8',
  seglst: 'application/json',
  tsv: 'text/tab-separated-values; charset=utf-8',
};

export function addTranscriptRoute(app: ApiApp, { lectures, artifacts }: Pick<ApiDeps, 'lectures' | 'artifacts'>): void {
  app.openapi(showTranscript, async (c) => {
    const lecture = await getVisibleLecture(lectures, c, c.req.valid('param').lectureId);
    const { format } = c.req.valid('query');
    const headers = { 'content-type': CONTENT_TYPES[format], etag: `"${headOf(lecture)?.number ?? 1}"` };
    return c.body(await writeTranscript(lecture, format, artifacts), 200, headers);
  });
}

async function writeTranscript(lecture: Lecture, format: TranscriptFormat, artifacts: ApiDeps['artifacts']): Promise<string> {
  const { lectureId, speakerNames, metadata } = lecture;
  const transcript = await readTranscript(artifacts, lecture);
  const writers: Record<TranscriptFormat, () => string | Promise<string>> = {
    json: () => JSON.stringify({ lectureId, revision: headOf(lecture)?.number, speakerNames, ...transcript }),
    vtt: () => toWebVtt(transcript, speakerNames),
    srt: () => toSubRip(transcript, speakerNames),
    md: () => toMarkdown(transcript, speakerNames, metadata.title ?? lectureId),
    rttm: async () => toRttm(await readTurns(lecture, transcript, artifacts), lectureId),
    seglst: () => toSegLst(transcript, lectureId),
    tsv: () => toTsv(transcript),
  };
  return writers[format]();
}

/** Scoring tools want the diarization as it was found, overlaps and all; the words' turns stand in where there is none. */
async function readTurns(
  { artifacts: { diarization } }: Lecture,
  transcript: Transcript,
  artifacts: ApiDeps['artifacts'],
): Promise<Parameters<typeof toRttm>[0]> {
  if (diarization === undefined) return transcript.turns;
  return (await artifacts.read({ key: diarization }, DiarizationSchema)).turns;
}
