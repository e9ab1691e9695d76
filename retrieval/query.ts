import type { TenantId } from '../contracts/identity.ts';
import type { QueryEvent, QueryRequest, QueryResponse } from '../contracts/query.ts';
import type { Answerer } from './answer.ts';
import type { LanguageModel } from '../inference/language-model.ts';
import { rewriteQuestion } from './rewrite-question.ts';
import type { Searcher } from './search.ts';

/** What `POST /api/v1/query` does: search, and answer from what was found. */
export interface QueryService {
  query(tenantId: TenantId, request: QueryRequest, signal?: AbortSignal, onEvent?: OnQueryEvent): Promise<QueryResponse>;
}

/** Told what is found and written on the way to the response. */
export type OnQueryEvent = (event: QueryEvent) => void;

export interface QueryServiceDeps {
  searcher: Searcher;
  answerer: Answerer;
  /** Puts follow-up questions so that they can be looked for alone; `null`: their terms are added up. */
  languageModel: LanguageModel | null;
}

/** An answer reads at least this many passages, however few hits the reader wants to see. */
const ANSWER_PASSAGES = 8;

export function createQueryService({ searcher, answerer, languageModel }: QueryServiceDeps): QueryService {
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
        response.answer = await answerer.answer(
          asked,
          { ...found, passages: found.passages.slice(0, ANSWER_PASSAGES) },
          { signal, onEvent },
        );
        timingsMs['answer'] = performance.now() - answering;
      }
      timingsMs['total'] = performance.now() - started;
      return response;
    },
  };
}
