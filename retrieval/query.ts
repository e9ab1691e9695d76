import type { TenantId } from '../contracts/identity.ts';
import type { QueryEvent, QueryFilters, QueryRequest, QueryResponse } from '../contracts/query.ts';
import type { Answerer } from './answer.ts';
import type { LanguageModel } from '../inference/language-model.ts';
import { withNeighbours } from './neighbours.ts';
import { rewriteQuestion } from './rewrite-question.ts';
import type { Searcher } from './search.ts';
import type { VectorIndex } from './vector-index.ts';

/** What `POST /api/v1/query` does: search, and answer from what was found. */
export interface QueryService {
  query(tenantId: TenantId, request: QueryRequest, signal?: AbortSignal, onEvent?: OnQueryEvent): Promise<QueryResponse>;
}

/** Told what is found and written on the way to the response. */
export type OnQueryEvent = (event: QueryEvent) => void;

export interface QueryServiceDeps {
  /** What was said beside the passages found is read here. */
  index: VectorIndex;
  searcher: Searcher;
  answerer: Answerer;
  /** Puts follow-up questions so that they can be looked for alone; `null`: their terms are added up. */
  languageModel: LanguageModel | null;
}

/** An answer reads at least this many passages, however few hits the reader wants to see. */
const ANSWER_PASSAGES = 8;
/**
 * Of those, the first ones that are read with what was said right before and after them. On QMSum (237 questions, each in its
 * meeting) the eight hold .58 of what answers, with the neighbours of three .67, in eleven passages; the first ten hold .62.
 */
const WIDENED_PASSAGES = 3;

export function createQueryService({ index, searcher, answerer, languageModel }: QueryServiceDeps): QueryService {
  return {
    async query(tenantId, { question, history = [], limit, filters, answer, budgetMs }, signal, onEvent) {
      const started = performance.now();
      const wanted = answer ? Math.max(limit, ANSWER_PASSAGES) : limit;
      const asked = await rewriteQuestion(history, question, languageModel, signal);
      const rewriteMs = performance.now() - started;
      const found = await searcher.search(tenantId, { question: asked, limit: wanted, filters, budgetMs }, signal);
      const timingsMs: Record<string, number> = { ...(history.length === 0 ? {} : { rewrite: rewriteMs }), ...found.timingsMs };
      const response: QueryResponse = {
        question,
        ...(asked === question ? {} : { rewritten: asked }),
        hits: found.passages.slice(0, limit).map(({ hit }) => hit),
        timingsMs,
        skipped: found.skipped,
        unheardPhrases: found.unheardPhrases,
      };
      onEvent?.({ event: 'hits', data: { ...response, timingsMs: { ...timingsMs } } });
      if (answer) {
        const answering = performance.now();
        const read = found.passages.slice(0, ANSWER_PASSAGES);
        const passages = narrowsWithinLectures(filters) ? read : await withNeighbours(index, tenantId, read, WIDENED_PASSAGES);
        response.answer = await answerer.answer(asked, { ...found, passages }, { signal, onEvent });
        timingsMs['answer'] = performance.now() - answering;
      }
      timingsMs['total'] = performance.now() - started;
      return response;
    },
  };
}

/** Then what was said beside a passage may be just what the reader does not ask for: someone else's words, another hour. */
function narrowsWithinLectures({ speakers, roles, phrases, fromSeconds, toSeconds }: QueryFilters): boolean {
  return [speakers, roles, phrases, fromSeconds, toSeconds].some((filter) => filter !== undefined);
}
