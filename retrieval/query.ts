import type { TenantId } from '../contracts/identity.ts';
import type { QueryRequest, QueryResponse } from '../contracts/query.ts';
import type { Answerer } from './answer.ts';
import type { Searcher } from './search.ts';

/** What `POST /api/v1/query` does: search, and answer from what was found. */
export interface QueryService {
  query(tenantId: TenantId, request: QueryRequest, signal?: AbortSignal): Promise<QueryResponse>;
}

/** An answer reads at least this many passages, however few hits the reader wants to see. */
const ANSWER_PASSAGES = 8;

export function createQueryService({ searcher, answerer }: { searcher: Searcher; answerer: Answerer }): QueryService {
  return {
    async query(tenantId, { question, limit, filters, answer, budgetMs }, signal) {
      const started = performance.now();
      const wanted = answer ? Math.max(limit, ANSWER_PASSAGES) : limit;
      const found = await searcher.search(tenantId, { question, limit: wanted, filters, budgetMs }, signal);
      const timingsMs = { ...found.timingsMs };
      const response: QueryResponse = {
        question,
        hits: found.passages.slice(0, limit).map(({ hit }) => hit),
        timingsMs,
        skipped: found.skipped,
        unheardPhrases: found.unheardPhrases,
      };
      if (answer) {
        const answering = performance.now();
        response.answer = await answerer.answer(question, { ...found, passages: found.passages.slice(0, ANSWER_PASSAGES) }, signal);
        timingsMs['answer'] = performance.now() - answering;
      }
      timingsMs['total'] = performance.now() - started;
      return response;
    },
  };
}
