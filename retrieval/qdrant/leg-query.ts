import type { Schemas } from '@qdrant/js-client-rest';
import type { LegHit, LegQuery } from '../vector-index.ts';
import { toBm25Query } from './bm25-vector.ts';
import { chunkIdOf } from './points.ts';
import type { VectorNames } from './vector-names.ts';

/** `undefined` for a leg without anything to look for. */
export function toQuery(
  { leg, limit, dense, sparse, text }: LegQuery,
  filter: Schemas['Filter'],
  names: VectorNames,
): Schemas['QueryRequest'] | undefined {
  const rest = { filter, limit, with_payload: ['lecture_id', 'generation', 'ordinal'] };
  if (leg === 'dense') return dense && { query: [...dense], using: names.dense, ...rest };
  const query = leg === 'sparse' ? sparse : text === undefined ? undefined : toBm25Query(text);
  return query && query.indices.length > 0 ? { query, using: leg === 'sparse' ? names.sparse : 'bm25', ...rest } : undefined;
}

export function toLegHits(points: readonly Schemas['ScoredPoint'][]): LegHit[] {
  return points
    .map(({ score, payload }) => ({ chunkId: chunkIdOf(payload), score }))
    .sort((a, b) => b.score - a.score || (a.chunkId < b.chunkId ? -1 : 1));
}
