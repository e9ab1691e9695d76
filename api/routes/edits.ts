import { createRoute, z } from '@hono/zod-openapi';
import {
  EditAcceptedSchema,
  EditSchema,
  RevisionDetailSchema,
  RevisionDiffSchema,
  RevisionListSchema,
  RevisionNumberSchema,
} from '../../contracts/edits.ts';
import { LecternError } from '../../contracts/errors.ts';
import { headOf, publishedRevision } from '../../contracts/head-revision.ts';
import { LectureIdSchema } from '../../contracts/identity.ts';
import { diffRevisions } from '../../transcript/edit-diff.ts';
import { editTranscript, readRevision, restoreRevision } from '../edit-transcript.ts';
import { getLecture } from '../get-lecture.ts';
import { jsonOf, needs, problems, type ApiApp } from '../openapi.ts';
import { toAuthor, toRevisionView, type ReviseDeps } from '../revise-lecture.ts';
import { editBody } from '../small-body.ts';

const params = z.object({ lectureId: LectureIdSchema });
const revisionParams = params.extend({ number: z.coerce.number().pipe(RevisionNumberSchema) });
const etagHeader = z.object({ etag: z.string().meta({ description: 'The revision, as `"3"`.' }) });

const edit = createRoute({
  method: 'patch',
  path: '/api/v1/lectures/{lectureId}/transcript',
  summary: 'Edit a transcript: words, turns and speakers; durable as a revision, search follows',
  security: needs('write'),
  request: {
    params,
    headers: z.object({
      'if-match': z.string().optional().meta({ description: 'The revision that was edited, in place of `baseRevision`, as `"3"`.' }),
    }),
    body: { required: true, content: jsonOf(EditSchema) },
  },
  responses: {
    200: { description: 'The new revision', headers: etagHeader, content: jsonOf(EditAcceptedSchema) },
    ...problems(400, 401, 403, 404, 409, 413, 415, 503),
  },
  middleware: [editBody] as const,
});

const listRevisions = createRoute({
  method: 'get',
  path: '/api/v1/lectures/{lectureId}/revisions',
  summary: 'Revisions of a transcript, the newest first: who changed how much, and when',
  // Not for readers: earlier revisions hold what somebody took out of the transcript.
  security: needs('write'),
  request: { params },
  responses: { 200: { description: 'All of them', content: jsonOf(RevisionListSchema) }, ...problems(401, 403, 404, 503) },
});

const showRevision = createRoute({
  method: 'get',
  path: '/api/v1/lectures/{lectureId}/revisions/{number}',
  summary: 'One revision of a transcript, with what was done',
  security: needs('write'),
  request: { params: revisionParams },
  responses: { 200: { description: 'The revision', content: jsonOf(RevisionDetailSchema) }, ...problems(400, 401, 403, 404, 503) },
});

const diff = createRoute({
  method: 'get',
  path: '/api/v1/lectures/{lectureId}/revisions/{number}/diff',
  summary: 'What a revision says otherwise than another one; than the one before it, where none is named',
  security: needs('write'),
  request: { params: revisionParams, query: z.object({ against: z.coerce.number().pipe(RevisionNumberSchema).optional() }) },
  responses: { 200: { description: 'The changes', content: jsonOf(RevisionDiffSchema) }, ...problems(400, 401, 403, 404, 503) },
});

const restore = createRoute({
  method: 'post',
  path: '/api/v1/lectures/{lectureId}/revisions/{number}/restore',
  summary: 'Make an earlier revision the newest; what came after it stays, to be restored in turn',
  security: needs('write'),
  request: { params: revisionParams },
  responses: {
    200: { description: 'The new revision', headers: etagHeader, content: jsonOf(EditAcceptedSchema) },
    ...problems(400, 401, 403, 404, 413, 503),
  },
});

/** Adds the routes that edit a transcript, and tell and undo what was edited. */
export function addEditRoutes(app: ApiApp, deps: ReviseDeps): void {
  app.openapi(edit, async (c) => {
    const { operations, baseRevision } = c.req.valid('json');
    const { accepted } = await editTranscript(deps, {
      tenantId: c.get('tenantId'),
      lectureId: c.req.valid('param').lectureId,
      author: toAuthor(c.get('principal')),
      baseRevision: readBase(baseRevision, c.req.valid('header')['if-match']),
      operations,
    });
    return c.json(accepted, 200, { etag: `"${accepted.revision.number}"` });
  });
  app.openapi(listRevisions, async (c) => {
    const lecture = await getLecture(deps.lectures, c.get('tenantId'), c.req.valid('param').lectureId);
    const head = headOf(lecture);
    if (head === undefined) throw new LecternError('not-found', `the lecture has no transcript: it is ${lecture.state}`);
    const revisions = (await deps.revisions.list(lecture)).map(toRevisionView);
    return c.json({ lectureId: lecture.lectureId, head: head.number, published: publishedRevision(head), revisions }, 200);
  });
  app.openapi(showRevision, async (c) => {
    const { lectureId, number } = c.req.valid('param');
    const lecture = await getLecture(deps.lectures, c.get('tenantId'), lectureId);
    const revision = await deps.revisions.get(lecture, number);
    return c.json({ ...toRevisionView(revision), origin: revision.origin, ...(await readRevision(deps, lecture, number)) }, 200);
  });
  app.openapi(diff, async (c) => {
    const { lectureId, number } = c.req.valid('param');
    const lecture = await getLecture(deps.lectures, c.get('tenantId'), lectureId);
    const against = c.req.valid('query').against ?? (await deps.revisions.get(lecture, number)).parent ?? number;
    const [before, after] = [await readRevision(deps, lecture, against), await readRevision(deps, lecture, number)];
    return c.json({ lectureId, against, number, ...diffRevisions(before, after) }, 200);
  });
  app.openapi(restore, async (c) => {
    const { lectureId, number } = c.req.valid('param');
    const accepted = await restoreRevision(deps, { tenantId: c.get('tenantId'), lectureId, number, author: toAuthor(c.get('principal')) });
    return c.json(accepted, 200, { etag: `"${accepted.revision.number}"` });
  });
}

function readBase(inBody: number | undefined, ifMatch: string | undefined): number {
  const inHeader = ifMatch === undefined ? undefined : Number(/^(?:W\/)?"(\d{1,9})"$/.exec(ifMatch)?.[1]);
  const base = inBody ?? inHeader;
  if (base === undefined || Number.isNaN(base) || (inHeader !== undefined && inHeader !== base)) {
    throw new LecternError('invalid-input', 'baseRevision: which revision the positions are of must be said, once', {
      cure: 'Send the `revision` of the transcript that was edited as `baseRevision`, or its ETag as `If-Match`.',
    });
  }
  return base;
}
