import { availableParallelism } from 'node:os';
import type { Logger } from 'pino';
import type { Config } from '../contracts/config.ts';
import type { LanguageModel } from '../inference/language-model.ts';
import { openModelStore, toModelStoreOptions } from '../inference/models/store.ts';
import { openEmbedder } from '../inference/text/onnx-embedder.ts';
import { openSparseEncoder } from '../inference/text/onnx-sparse-encoder.ts';
import { createAnswerer } from '../retrieval/answer.ts';
import { createQueryService, type QueryService } from '../retrieval/query.ts';
import { createSearcher } from '../retrieval/search.ts';
import type { VectorIndex } from '../retrieval/vector-index.ts';
import { openOnce } from './open-once.ts';

/** A question is short: more would only take the cores away from an ingest. */
const QUESTION_THREADS = 2;

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
): QueryService & { close(): Promise<void> } {
  const open = openOnce(async () => {
    const store = await openModelStore({ ...toModelStoreOptions(config), onNotice: (message) => logger.warn(message) });
    const threads = Math.min(config.LECTERN_THREADS ?? availableParallelism(), QUESTION_THREADS);
    const embedder = await openEmbedder({
      model: await store.ensure('minilm-l6-int8'),
      tokenizer: await store.ensure('splade-tiny'),
      threads,
    });
    const sparseEncoder = await openSparseEncoder({ model: await store.ensure('splade-tiny'), cacheDir: config.LECTERN_CACHE, threads });
    const service = createQueryService({
      searcher: createSearcher({ index, embedder, sparseEncoder, budgetMs: config.LECTERN_QUERY_BUDGET_MS }),
      answerer: createAnswerer({ embedder, languageModel }),
      languageModel,
    });
    return { service, encoders: [embedder, sparseEncoder] };
  });
  open().catch((error: unknown) => logger.error({ err: error }, 'the encoders cannot be opened: questions will fail'));
  return {
    query: async (tenantId, request, signal, onEvent) => (await open()).service.query(tenantId, request, signal, onEvent),
    async close() {
      // One that is still opening is waited for: its thread would outlive the process's work.
      const opened = await open().catch(() => undefined);
      for (const encoder of opened?.encoders ?? []) await encoder.close();
    },
  };
}
