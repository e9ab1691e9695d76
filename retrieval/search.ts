import type { TenantId } from '../contracts/identity.ts';
import type { Leg, QueryFilters } from '../contracts/query.ts';
import type { Embedder, SparseEncoder } from '../inference/embedder.ts';
import { fuseRanks } from './fusion.ts';
import { createLegs, type EncodedText } from './legs.ts';
import { readPassages, type FoundPassage } from './read-passages.ts';
import type { SearchStage } from './search-stage.ts';
import { startStopwatch, type Stopwatch } from './stopwatch.ts';
import type { VectorIndex } from './vector-index.ts';

const MAX_ATTEMPTS = 3;

interface SearchRequest {
  question: string;
  /** Hits to return. */
  limit: number;
  filters: QueryFilters;
}

export interface SearchResult {
  /** Best first. */
  passages: FoundPassage[];
  /** The question's dense vector, for whoever compares it with sentences. */
  questionVector: Float32Array;
  /** Milliseconds of each step: embed, index (all legs), fuse, read, then each stage by its name. */
  timingsMs: Record<string, number>;
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
  /** What runs between fusion and the reader, in this order. */
  stages?: readonly SearchStage[];
}

/** The way of a question: encode, legs, fusion, read, stages, cut. */
export function createSearcher({ index, legs = ['dense', 'sparse', 'bm25'], stages = [], ...encoders }: SearcherDeps): Searcher {
  const all = createLegs({ index, legs, ...encoders });

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
      const fused = fuseRanks(lists).slice(0, count);
      watch.lap('fuse');
      const passages = await readPassages(index, tenantId, fused);
      watch.lap('read');
      // An activation between search and read takes the found chunks away: what replaced them is worth another look.
      if (passages.length === fused.length || attempt === MAX_ATTEMPTS) return passages;
    }
  }

  return {
    async search(tenantId, { question, limit, filters }, signal) {
      const watch = startStopwatch();
      const encoded = await all.encode(question, signal);
      watch.lap('embed');
      const wanted = Math.max(limit, ...stages.map((stage) => stage.wants(limit)));
      let passages = await findPassages(tenantId, encoded, wanted, filters, watch);
      const find = async (text: string, count: number): Promise<FoundPassage[]> =>
        findPassages(tenantId, await all.encode(text, signal), count, filters, startStopwatch());
      for (const stage of stages) {
        passages = await stage.run(passages, { tenantId, question, questionVector: encoded.dense, filters, limit, find, signal });
        watch.lap(stage.name);
      }
      return { passages: passages.slice(0, limit), questionVector: encoded.dense, timingsMs: watch.laps };
    },
  };
}
