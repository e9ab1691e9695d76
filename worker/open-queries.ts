import type { Logger } from 'pino';
import type { Config } from '../contracts/config.ts';
import type { MetricSource } from '../contracts/metrics.ts';
import type { LanguageModel } from '../inference/language-model.ts';
import { openModelStore, toModelStoreOptions } from '../inference/models/store.ts';
import { gatherTexts } from '../inference/text/gather-texts.ts';
import { createAnswerer } from '../retrieval/answer.ts';
import { cacheEncoders } from '../retrieval/cache/cached-encoders.ts';
import { toCacheMetrics } from '../retrieval/cache/cache-metrics.ts';
import { cacheSearches } from '../retrieval/cache/cached-searcher.ts';
import { meterQueries, type MeteredQueries } from '../retrieval/metered-queries.ts';
import { createQueryService } from '../retrieval/query.ts';
import { createSearcher } from '../retrieval/search.ts';
import type { VectorIndex } from '../retrieval/vector-index.ts';
import { guardIndex } from './guarded-index.ts';
import { openOnce } from './open-once.ts';
import { openStages } from './open-stages.ts';
import { createTextEncoders } from './text-encoders.ts';

/** A question is short: the two encoders read it side by side, a core each. With two threads each they take twice the processor time. */
const QUESTION_THREADS = 1;
/** Ten passages are a lot to read: a reranker takes both cores, as nothing else of the question runs meanwhile. */
const RERANK_THREADS = 2;

/**
 * How questions are searched and answered: what the API serves and what `eval -- answers` measures. Opens the encoders at the first
 * question, begun right away: the API answers all else in the meantime, and a model that is missing fails questions only,
 * with `model-missing`.
 */
export function openQueries(
  config: Config,
  logger: Pick<Logger, 'warn' | 'error'>,
  index: VectorIndex,
  languageModel: LanguageModel | null,
): MeteredQueries & { close(): Promise<void> } {
  // A file is read, however long that takes; a server may be away.
  const guard = config.QDRANT_URL === undefined ? undefined : guardIndex(index);
  const guarded = guard ?? index;
  let readCaches: MetricSource = () => toCacheMetrics({});
  const open = openOnce(async () => {
    const store = await openModelStore({ ...toModelStoreOptions(config), onNotice: (message) => logger.warn(message) });
    const encoders = createTextEncoders(config, {
      find: (name) => store.ensure(name),
      threads: {
        dense: config.LECTERN_RERANKER === 'late-interaction' ? RERANK_THREADS : QUESTION_THREADS,
        sparse: QUESTION_THREADS,
        both: 2 * QUESTION_THREADS,
      },
    });
    const embedder = await encoders.embedder();
    const sparseEncoder = await encoders.sparseEncoder();
    const { stages, reranker } = await openStages(config, { encoder: embedder, languageModel, threads: RERANK_THREADS });
    const cached = cacheEncoders(
      { ...embedder, embed: gatherTexts((texts) => embedder.embed(texts)) },
      { ...sparseEncoder, encode: gatherTexts((texts) => sparseEncoder.encode(texts)) },
    );
    const searcher = cacheSearches({
      searcher: createSearcher({
        index: guarded,
        embedder: cached.embedder,
        sparseEncoder: cached.sparseEncoder,
        stages,
        budgetMs: config.LECTERN_QUERY_BUDGET_MS,
      }),
      index: guarded,
    });
    readCaches = () => toCacheMetrics({ question: cached.stats(), search: searcher.stats() });
    const service = createQueryService({
      index: guarded,
      searcher,
      answerer: createAnswerer({ embedder, languageModel }),
      languageModel,
    });
    return { service, encoders: [embedder, sparseEncoder, ...(reranker === undefined ? [] : [reranker])] };
  });
  open().catch((error: unknown) => logger.error({ err: error }, 'the encoders cannot be opened: questions will fail'));
  const metered = meterQueries({
    query: async (tenantId, request, signal, onEvent) => (await open()).service.query(tenantId, request, signal, onEvent),
  });
  return {
    query: (tenantId, request, signal, onEvent) => metered.query(tenantId, request, signal, onEvent),
    metrics: () => [...metered.metrics(), ...readCaches(), ...(guard?.metrics() ?? [])],
    async close() {
      // One that is still opening is waited for: its thread would outlive the process's work.
      const opened = await open().catch(() => undefined);
      for (const encoder of opened?.encoders ?? []) await encoder.close();
    },
  };
}
