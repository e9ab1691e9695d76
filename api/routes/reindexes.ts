import { createRoute, z } from '@hono/zod-openapi';
import { EvaluationSetSchema, ReindexIdSchema, ReindexListSchema, ReindexViewSchema, SemesterSchema } from '../../contracts/reindex.ts';
import type { EvaluationQuestionStore } from '../../storage/evaluation-questions.ts';
import { jsonOf, needs, problems, type ApiApp } from '../openapi.ts';
import type { Reindexes } from '../reindexes.ts';
import { limitBody, smallBody } from '../small-body.ts';

const params = z.object({ reindexId: ReindexIdSchema });
const oneReindex = { description: 'The re-index', content: jsonOf(ReindexViewSchema) };

/** Two thousand questions with a few places each. */
const MAX_QUESTIONS_BYTES = 4 * 2 ** 20;

const listReindexes = createRoute({
  method: 'get',
  path: '/api/v1/reindexes',
  summary: 'Re-indexes of this tenant: running ones first, then the last closed first',
  security: needs('operate'),
  responses: { 200: { description: 'The re-indexes', content: jsonOf(ReindexListSchema) }, ...problems(401, 403, 503) },
});

const showReindex = createRoute({
  method: 'get',
  path: '/api/v1/reindexes/{reindexId}',
  summary: 'Progress of one re-index, how search measures before and after it, and what became of it',
  security: needs('operate'),
  request: { params },
  responses: { 200: oneReindex, ...problems(401, 403, 404, 503) },
});

function change<Path extends string>(path: Path, summary: string) {
  return createRoute({
    method: 'post',
    path,
    summary,
    security: needs('operate'),
    request: { params },
    responses: { 200: oneReindex, ...problems(400, 401, 403, 404, 409, 413, 503) },
    middleware: [smallBody] as const,
  });
}

const swapReindex = change('/api/v1/reindexes/{reindexId}/swap', 'Let readers see what is held, all lectures at one moment');
const dropReindex = change('/api/v1/reindexes/{reindexId}/drop', 'Drop what is held, or stop one that runs; readers keep what they see');
const rollBackReindex = change('/api/v1/reindexes/{reindexId}/rollback', 'Back to what was there before the swap, at one moment');

const ofSemester = z.object({ semester: SemesterSchema });
const questions = { description: 'The questions', content: jsonOf(EvaluationSetSchema) };

const showQuestions = createRoute({
  method: 'get',
  path: '/api/v1/evaluation-questions',
  summary: 'The questions that measure the search of a semester',
  security: needs('operate'),
  request: { query: ofSemester },
  responses: { 200: questions, ...problems(400, 401, 403, 503) },
});

const replaceQuestions = createRoute({
  method: 'put',
  path: '/api/v1/evaluation-questions',
  summary: 'Replace the questions that measure the search of a semester; none: it is measured no more',
  security: needs('operate'),
  request: { query: ofSemester, body: { required: true, content: jsonOf(EvaluationSetSchema) } },
  responses: { 200: questions, ...problems(400, 401, 403, 413, 415, 503, 507) },
  middleware: [limitBody(MAX_QUESTIONS_BYTES, 'the questions are')] as const,
});

export interface ReindexRouteDeps {
  reindexes: Reindexes;
  evaluationQuestions: EvaluationQuestionStore;
}

/** Adds the routes under `/api/v1/reindexes`, and those of the questions that measure them. */
export function addReindexRoutes(app: ApiApp, { reindexes, evaluationQuestions }: ReindexRouteDeps): void {
  app.openapi(listReindexes, async (c) => c.json({ reindexes: await reindexes.list(c.get('tenantId')) }, 200));
  app.openapi(showReindex, async (c) => c.json(await reindexes.get(c.get('tenantId'), c.req.valid('param').reindexId), 200));
  app.openapi(swapReindex, async (c) => c.json(await reindexes.decide(c.get('tenantId'), c.req.valid('param').reindexId, 'swap'), 200));
  app.openapi(dropReindex, async (c) => c.json(await reindexes.decide(c.get('tenantId'), c.req.valid('param').reindexId, 'drop'), 200));
  app.openapi(rollBackReindex, async (c) => c.json(await reindexes.rollBack(c.get('tenantId'), c.req.valid('param').reindexId), 200));
  app.openapi(showQuestions, async (c) => c.json(await evaluationQuestions.get(c.get('tenantId'), c.req.valid('query').semester), 200));
  app.openapi(replaceQuestions, async (c) => {
    const [tenantId, { semester }, set] = [c.get('tenantId'), c.req.valid('query'), c.req.valid('json')];
    await (set.questions.length === 0
      ? evaluationQuestions.delete(tenantId, semester)
      : evaluationQuestions.replace(tenantId, semester, set));
    return c.json(set, 200);
  });
}
