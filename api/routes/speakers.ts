import { createRoute, z } from '@hono/zod-openapi';
import { LecternError } from '../../contracts/errors.ts';
import { LectureIdSchema } from '../../contracts/identity.ts';
import { SpeakerLabelSchema } from '../../contracts/lecture.ts';
import { DiarizeAcceptedSchema, DiarizeAgainSchema, RenameSpeakerSchema, SpeakerListSchema } from '../../contracts/speakers.ts';
import type { ApiDeps } from '../dependencies.ts';
import { editTranscript } from '../edit-transcript.ts';
import { getLecture, getVisibleLecture } from '../get-lecture.ts';
import { describeSpeakers } from '../lecture-speakers.ts';
import { jsonOf, needs, problems, type ApiApp } from '../openapi.ts';
import { readTranscript } from '../read-transcript.ts';
import { toAuthor, type ReviseDeps } from '../revise-lecture.ts';
import { smallBody } from '../small-body.ts';

type SpeakerDeps = ReviseDeps & Pick<ApiDeps, 'settings' | 'voiceprints' | 'diarizeAgain'>;

const listSpeakers = createRoute({
  method: 'get',
  path: '/api/v1/lectures/{lectureId}/speakers',
  summary: 'Who speaks in a lecture: names, roles, and whom unnamed voices sound like',
  security: needs('read'),
  request: { params: z.object({ lectureId: LectureIdSchema }) },
  responses: { 200: { description: 'The speakers by label', content: jsonOf(SpeakerListSchema) }, ...problems(401, 403, 404, 503) },
});

const renameSpeaker = createRoute({
  method: 'put',
  path: '/api/v1/lectures/{lectureId}/speakers/{speaker}',
  summary: 'Give a speaker of a lecture a name, or take it away: a revision of the transcript',
  security: needs('write'),
  request: {
    params: z.object({ lectureId: LectureIdSchema, speaker: SpeakerLabelSchema }),
    body: { required: true, content: jsonOf(RenameSpeakerSchema) },
  },
  responses: {
    200: {
      description: 'The speakers with their names: transcripts and search show them from now on',
      content: jsonOf(SpeakerListSchema),
    },
    ...problems(400, 401, 403, 404, 413, 415, 503),
  },
  middleware: [smallBody] as const,
});

const diarizeAgain = createRoute({
  method: 'post',
  path: '/api/v1/lectures/{lectureId}/diarize',
  summary:
    'Tell the speakers of a lecture apart once more, as so many people; edits are carried over, the transcript from before stays a revision',
  security: needs('write'),
  request: {
    params: z.object({ lectureId: LectureIdSchema }),
    body: { required: true, content: jsonOf(DiarizeAgainSchema) },
  },
  responses: {
    202: { description: 'The job that does it', content: jsonOf(DiarizeAcceptedSchema) },
    ...problems(400, 401, 403, 404, 409, 413, 415, 503),
  },
  middleware: [smallBody] as const,
});

/** Adds the routes of a lecture's speakers. */
export function addSpeakerRoutes(app: ApiApp, deps: SpeakerDeps): void {
  app.openapi(listSpeakers, async (c) => {
    const lecture = await getVisibleLecture(deps.lectures, c, c.req.valid('param').lectureId);
    const transcript = await readTranscript(deps.artifacts, lecture);
    return c.json({ lectureId: lecture.lectureId, speakers: await describeSpeakers(deps, lecture, transcript) }, 200);
  });
  app.openapi(diarizeAgain, async (c) => {
    const lecture = await getLecture(deps.lectures, c.get('tenantId'), c.req.valid('param').lectureId);
    const jobId = await deps.diarizeAgain(lecture, c.req.valid('json').speakers);
    return c.json({ jobId, lectureId: lecture.lectureId }, 202);
  });
  app.openapi(renameSpeaker, async (c) => {
    const [tenantId, { lectureId, speaker }, { name }] = [c.get('tenantId'), c.req.valid('param'), c.req.valid('json')];
    const transcript = await readTranscript(deps.artifacts, await getLecture(deps.lectures, tenantId, lectureId));
    if (!transcript.speakers.includes(speaker)) throw new LecternError('not-found', 'there is nothing of this id');
    const { lecture: renamed } = await editTranscript(deps, {
      tenantId,
      lectureId,
      author: toAuthor(c.get('principal')),
      baseRevision: null,
      operations: [{ kind: 'renameSpeaker', speaker, name }],
    });
    return c.json({ lectureId, speakers: await describeSpeakers(deps, renamed, transcript) }, 200);
  });
}
