import type { TenantId } from '../contracts/identity.ts';
import type { Leg, QueryFilters } from '../contracts/query.ts';
import type { SparseVector } from '../contracts/transcript.ts';
import type { Embedder, SparseEncoder } from '../inference/embedder.ts';
import type { LegHit, LegQuery, VectorIndex } from './vector-index.ts';

/** Candidates that each leg hands to fusion. */
const CANDIDATES = 40;

/** What one leg found, best first. */
export interface LegList {
  leg: Leg;
  hits: readonly LegHit[];
}

/** A text as the legs look for it. */
export interface EncodedText {
  text: string;
  /** Unit length, `[dimensions]`. */
  dense: Float32Array;
  /** Absent when no leg asks for it. */
  sparse?: SparseVector;
}

/** The legs of a hybrid search: what to look for, and what each of them finds. */
export interface Legs {
  encode(text: string, signal?: AbortSignal): Promise<EncodedText>;
  /** All legs in one call of the index, in the order they were given. */
  find(tenantId: TenantId, text: EncodedText, filters: QueryFilters): Promise<LegList[]>;
}

export interface LegsDeps {
  index: VectorIndex;
  embedder: Embedder;
  sparseEncoder: SparseEncoder;
  legs: readonly Leg[];
}

export function createLegs({ index, embedder, sparseEncoder, legs }: LegsDeps): Legs {
  return {
    async encode(text, signal) {
      const [[dense], [sparse]] = await Promise.all([
        embedder.embed([text], signal),
        legs.includes('sparse') ? sparseEncoder.encode([text], signal) : [undefined],
      ]);
      return { text, dense: dense!, ...(sparse === undefined ? {} : { sparse }) };
    },
    async find(tenantId, text, filters) {
      const queries = legs.map((leg): LegQuery => ({ leg, limit: CANDIDATES, ...toLegInput(leg, text) }));
      const found = await index.search(tenantId, queries, filters);
      return legs.map((leg, position) => ({ leg, hits: found[position] ?? [] }));
    },
  };
}

function toLegInput(leg: Leg, { text, dense, sparse }: EncodedText): Partial<LegQuery> {
  if (leg === 'dense') return { dense };
  if (leg === 'bm25') return { text };
  return sparse === undefined ? {} : { sparse };
}
