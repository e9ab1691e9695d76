import type { TenantId } from '../contracts/identity.ts';
import type { Leg, QueryFilters } from '../contracts/query.ts';
import type { Embedder, SparseEncoder } from '../inference/embedder.ts';
import { SYSTEM_CLOCK, type Clock } from './clock.ts';
import { defaultFusion } from './fusion/default-fusion.ts';
import type { Fusion } from './fusion/fuse.ts';
import { createLegs, type EncodedText } from './legs.ts';
import { findPhrases } from './phrases.ts';
import { readPassages, type FoundPassage } from './read-passages.ts';
import { wordOrder } from './rerank/word-order.ts';
import type { SearchStage } from './search-stage.ts';
import { runStages } from './stages/run-stages.ts';
import { createStageCosts } from './stages/stage-costs.ts';
import { startStopwatch, type Stopwatch } from './stopwatch.ts';
import type { VectorIndex } from './vector-index.ts';

const MAX_ATTEMPTS = 3;

interface SearchRequest {
  question: string;
  /** Hits to return. */
  limit: number;
  filters: QueryFilters;
  /** Milliseconds from now after which no stage is begun or waited for; the searcher's own where it is not given. */
  budgetMs?: number | undefined;
}

export interface SearchResult {
  /** Best first. */
  passages: FoundPassage[];
  /** The question's dense vector, for whoever compares it with sentences. */
  questionVector: Float32Array;
  /** Milliseconds of each step: embed, index (all legs), fuse, read, then each stage by its name. */
  timingsMs: Record<string, number>;
  /** Stages that were left out to keep to the budget. */
  skipped: string[];
  /** What the question puts in quotation marks, where no passage holds all of it word for word: the passages are without it then. */
  unheardPhrases: string[];
}

/** Hybrid search over a tenant's active generations. Errors: those of the index and the encoders, `unavailable` above all. */
export interface Searcher {
  search(tenantId: TenantId, request: SearchRequest, signal?: AbortSignal): Promise<SearchResult>;
}

export interface SearcherDeps {
  index: VectorIndex;
  embedder: Embedder;
  sparseEncoder: SparseEncoder;
  /** Legs to fuse. */
  legs?: readonly Leg[];
  /** Makes one list of what the legs found. */
  fusion?: Fusion;
  /** What runs between fusion and the reader, in this order; unless told otherwise, what measured better than fusion alone. */
  stages?: readonly SearchStage[];
  /** Milliseconds that a search may take where the request does not say; none by default. The first pass is never cut. */
  budgetMs?: number;
  clock?: Clock;
}

/** The way of a question: encode, legs, fusion, read, stages, cut. */
export function createSearcher(deps: SearcherDeps): Searcher {
  const {
    index,
    legs = ['dense', 'sparse', 'bm25'],
    fusion = defaultFusion,
    stages = [wordOrder],
    budgetMs: ownBudgetMs = Infinity,
    clock = SYSTEM_CLOCK,
    ...encoders
  } = deps;
  const all = createLegs({ index, legs, ...encoders });
  const costs = createStageCosts();

  async function findPassages(
    tenantId: TenantId,
    text: EncodedText,
    count: number,
    filters: QueryFilters,
    watch: Stopwatch,
  ): Promise<FoundPassage[]> {
    for (let attempt = 1; ; attempt++) {
      const lists = await all.find(tenantId, text, filters);
      watch.lap('index');
      const fused = fusion(lists, text.text).slice(0, count);
      watch.lap('fuse');
      const passages = await readPassages(index, tenantId, fused);
      watch.lap('read');
      // An activation between search and read takes the found chunks away: what replaced them is worth another look.
      if (passages.length === fused.length || attempt === MAX_ATTEMPTS) return passages;
    }
  }

  return {
    async search(tenantId, { question, limit, filters, budgetMs = ownBudgetMs }, signal) {
      const deadlineMs = clock.now() + budgetMs;
      const watch = startStopwatch();
      const encoded = await all.encode(question, signal);
      watch.lap('embed');
      const wanted = Math.max(limit, ...stages.map((stage) => stage.wants(limit)));
      const quoted = findPhrases(question);
      const exact = quoted.length === 0 ? filters : { ...filters, phrases: [...(filters.phrases ?? []), ...quoted] };
      const holding = await findPassages(tenantId, encoded, wanted, exact, watch);
      const isUnheard = holding.length === 0 && quoted.length > 0;
      const narrowed = isUnheard ? filters : exact;
      const found = isUnheard ? await findPassages(tenantId, encoded, wanted, filters, watch) : holding;
      const find = async (text: string, count: number): Promise<FoundPassage[]> =>
        findPassages(tenantId, await all.encode(text, signal), count, narrowed, startStopwatch());
      const context = { tenantId, question, questionVector: encoded.dense, filters: narrowed, limit, find, signal };
      const { passages, skipped } = await runStages(stages, found, context, { clock, deadlineMs, costs }, (stage) => watch.lap(stage));
      return {
        passages: passages.slice(0, limit),
        questionVector: encoded.dense,
        timingsMs: watch.laps,
        skipped,
        unheardPhrases: isUnheard ? quoted : [],
      };
    },
  };
}
