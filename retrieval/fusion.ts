import type { Leg } from '../contracts/query.ts';
import type { LegHit } from './vector-index.ts';

/** Damping of reciprocal ranks: Cormack, Clarke and Büttcher, SIGIR 2009. */
const RRF_K = 60;

export interface FusedHit {
  chunkId: string;
  /** Sum of 1 / (60 + rank) over the legs that found it. */
  score: number;
  /** Rank (from 1) and score in each leg that found it. */
  legs: Partial<Record<Leg, { rank: number; score: number }>>;
}

/**
 * Reciprocal rank fusion: ranks, not scores, so that legs with different scales need no tuning. Best first, ties by id.
 * Done here and not in an index, so that both indexes rank alike.
 */
export function fuseRanks(legs: readonly { leg: Leg; hits: readonly LegHit[] }[]): FusedHit[] {
  const fused = new Map<string, FusedHit>();
  for (const { leg, hits } of legs) {
    for (const [index, { chunkId, score }] of hits.entries()) {
      const hit = fused.get(chunkId) ?? { chunkId, score: 0, legs: {} };
      const rank = index + 1;
      hit.score += 1 / (RRF_K + rank);
      hit.legs[leg] = { rank, score };
      fused.set(chunkId, hit);
    }
  }
  return [...fused.values()].sort((a, b) => b.score - a.score || (a.chunkId < b.chunkId ? -1 : 1));
}
