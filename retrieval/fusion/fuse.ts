import type { Leg } from '../../contracts/query.ts';
import type { LegList } from '../legs.ts';
import type { LegHit } from '../vector-index.ts';

export interface FusedHit {
  chunkId: string;
  /** Higher is better; comparable among the hits of one search only. */
  score: number;
  /** Rank (from 1) and score in each leg that found it. */
  legs: Partial<Record<Leg, { rank: number; score: number }>>;
}

/** What the legs found made into one list, best first, each passage once. */
export type Fusion = (lists: readonly LegList[], question: string) => FusedHit[];

/** How much each leg counts; only their proportions change an order. */
export type LegWeights = Readonly<Record<Leg, number>>;

/**
 * What each hit of one leg is worth, in the hits' order: makes the scales of different legs comparable. A hit that the leg ranks
 * higher is never worth less, and none is worth less than a passage that the leg did not find, which gets 0.
 */
export type Scale = (hits: readonly LegHit[]) => number[];

/**
 * A fusion that adds up what a passage is worth to each leg, times the leg's weight. Ties go by id. Done here and not in an
 * index, so that all indexes rank alike.
 */
export function createFusion(scale: Scale, weightsOf: (question: string) => LegWeights): Fusion {
  return (lists, question) => {
    const weights = weightsOf(question);
    const fused = new Map<string, FusedHit>();
    for (const { leg, hits } of lists) {
      const worths = scale(hits);
      for (const [index, { chunkId, score }] of hits.entries()) {
        const hit = fused.get(chunkId) ?? { chunkId, score: 0, legs: {} };
        hit.score += weights[leg] * worths[index]!;
        hit.legs[leg] = { rank: index + 1, score };
        fused.set(chunkId, hit);
      }
    }
    return [...fused.values()].sort((a, b) => b.score - a.score || (a.chunkId < b.chunkId ? -1 : 1));
  };
}
