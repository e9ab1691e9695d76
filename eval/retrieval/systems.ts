import type { TenantId } from '../../contracts/identity.ts';
import type { QueryFilters } from '../../contracts/query.ts';
import { createFusion, type LegWeights } from '../../retrieval/fusion/fuse.ts';
import { byDistribution, byMinMax, byReciprocalRank } from '../../retrieval/fusion/scales.ts';
import { withSurroundings } from '../../retrieval/fusion/with-surroundings.ts';
import { createLateInteraction } from '../../retrieval/rerank/late-interaction.ts';
import { wordOrder } from '../../retrieval/rerank/word-order.ts';
import { createSearcher, type SearcherDeps } from '../../retrieval/search.ts';
import { createDiversity } from '../../retrieval/stages/diversity.ts';
import type { Parts } from './open-parts.ts';
import { toQuestionFeatures } from './tune/question-features.ts';

/** The tenant that an evaluation's lectures belong to. */
export const TENANT: TenantId = 'eval';

/** Chunk ids for a question, best first, at most `limit`. */
export type Rank = (question: string, filters: QueryFilters, limit: number) => Promise<string[]>;

export interface RetrievalSystem {
  name: string;
  /** For the report's table. */
  about: string;
  /** True where it takes seconds a question: left out unless it is asked for by name. */
  slow?: boolean;
  open(parts: Parts): Rank;
}

const EVEN: LegWeights = { dense: 1, sparse: 1, bm25: 1 };
const BY_RANK = createFusion(byReciprocalRank, () => EVEN);
const LITERAL: LegWeights = { dense: 0.3, sparse: 0.2, bm25: 0.5 };

/** The system that is what `createSearcher` does when it is told nothing. */
export const SHIPPED = 'shipped';

/** The system that all others are compared with. */
export const BASELINE = 'bm25';

/** What is measured, leg by leg and fusion by fusion; see evaluate-retrieval.ts for how to add one. */
export const SYSTEMS: readonly RetrievalSystem[] = [
  {
    name: BASELINE,
    about: 'FTS5 with porter, any word of the question, k1 1.2, b 0.75: the baseline, apart from the index',
    open: ({ baseline }) => baseline,
  },
  searcher('bm25-leg', "the index's BM25 leg alone", { legs: ['bm25'], fusion: BY_RANK }),
  searcher('dense', 'MiniLM alone', { legs: ['dense'], fusion: BY_RANK }),
  searcher('sparse', 'SPLADE-tiny alone', { legs: ['sparse'], fusion: BY_RANK }),
  searcher('rrf', 'reciprocal ranks (k = 60), three legs', { fusion: BY_RANK }),
  searcher('weighted', 'min-max weighted sum, three legs in thirds', { fusion: createFusion(byMinMax, () => EVEN) }),
  searcher('weighted-dense-bm25', 'min-max weighted sum, dense .4 and BM25 .6', {
    legs: ['dense', 'bm25'],
    fusion: createFusion(byMinMax, () => ({ dense: 0.4, sparse: 0, bm25: 0.6 })),
  }),
  searcher('dbsf', 'distribution-based sum, three legs in thirds', { fusion: createFusion(byDistribution, () => EVEN) }),
  searcher('adaptive', 'as weighted, but half for BM25 where the question has quotes or figures', {
    fusion: createFusion(byMinMax, (question) => {
      const { quoted, digits } = toQuestionFeatures(question);
      return quoted || digits ? LITERAL : EVEN;
    }),
  }),
  searcher('weighted+neighbours', 'as weighted, leaning on the passages beside', {
    fusion: withSurroundings(
      createFusion(byMinMax, () => EVEN),
      { neighbours: 0.2, lecture: 0 },
    ),
  }),
  searcher('weighted+lecture', "as weighted, leaning on the lecture's best passages", {
    fusion: withSurroundings(
      createFusion(byMinMax, () => EVEN),
      { neighbours: 0, lecture: 0.5 },
    ),
  }),
  searcher('weighted+surroundings', 'as weighted, leaning on both: the default without its stages', {}),
  searcher('weighted+word-order', 'as weighted, then the order and closeness of words', {
    fusion: createFusion(byMinMax, () => EVEN),
    stages: [wordOrder],
  }),
  searcher('shipped-without-dense', 'the default without MiniLM', { legs: ['sparse', 'bm25'], stages: [wordOrder] }),
  searcher('shipped-without-sparse', 'the default without SPLADE-tiny', { legs: ['dense', 'bm25'], stages: [wordOrder] }),
  searcher('shipped-without-bm25', 'the default without BM25', { legs: ['dense', 'sparse'], stages: [wordOrder] }),
  searcher('shipped+diversity', 'the default, then what repeats a better passage falls: MMR with .9 for relevance', {
    stages: [wordOrder, createDiversity(0.9)],
  }),
  searcher('shipped+more-diversity', 'the same with .7', { stages: [wordOrder, createDiversity(0.7)] }),
  {
    name: 'shipped+late-interaction',
    about: 'the default, then token vectors of the first ten',
    slow: true,
    open: (parts) => searcher('', '', { stages: [wordOrder, createLateInteraction(parts.embedder)] }).open(parts),
  },
  searcher(SHIPPED, 'the default: weighted+surroundings, then the order and closeness of words', {}),
];

function searcher(name: string, about: string, deps: Pick<SearcherDeps, 'legs' | 'fusion' | 'stages'>): RetrievalSystem {
  return {
    name,
    about,
    open({ index, embedder, sparseEncoder }) {
      const own = createSearcher({ index, embedder, sparseEncoder, ...(name === SHIPPED ? {} : { stages: [] }), ...deps });
      return async (question, filters, limit) => {
        const { passages } = await own.search(TENANT, { question, limit, filters });
        return passages.map(({ hit }) => hit.chunkId);
      };
    },
  };
}
