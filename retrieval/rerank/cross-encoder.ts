import type { Reranker } from '../../inference/embedder.ts';
import type { SearchStage } from '../search-stage.ts';
import { reorderFirst } from './reorder.ts';

/** Pairs that are read: on a CPU each of 256 tokens takes a small model some 20 ms. */
const COMPARED = 10;
/** The model and the fusion count alike. */
const WEIGHT = 1;

/** Ranks the first passages anew by a model that reads question and passage together. */
export function createCrossEncoderStage(reranker: Reranker): SearchStage {
  return {
    name: 'cross-encoder',
    wants: (limit) => Math.max(limit, COMPARED),
    async run(passages, { question, signal }) {
      const compared = passages.slice(0, COMPARED).map(({ chunk }) => chunk.text);
      return reorderFirst(passages, await reranker.score(question, compared, signal), WEIGHT);
    },
  };
}
