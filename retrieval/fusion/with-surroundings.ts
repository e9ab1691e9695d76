import { parseChunkId } from '../chunk-id.ts';
import type { FusedHit, Fusion } from './fuse.ts';

/** What a passage's surroundings count for, where its own score counts for 1. */
export interface SurroundingsWeights {
  /** The mean of the passages just before and after it in its lecture. */
  neighbours: number;
  /** The mean of its lecture's best passages. */
  lecture: number;
}

/** Passages that speak for their lecture; with fewer, the missing ones count 0: a lecture found once is hardly about the question. */
const WITNESSES = 3;

/**
 * A fusion whose scores lean on what was found around each passage: people stay with a topic, so that what answers stands beside
 * other passages about it, in a lecture about it. Finds nothing new; what was not found counts 0. Scores keep their range.
 */
export function withSurroundings(fusion: Fusion, { neighbours, lecture }: SurroundingsWeights): Fusion {
  return (lists, question) => {
    const placed = fusion(lists, question).map((hit) => ({ hit, ...toPlace(hit.chunkId) }));
    const scores = new Map(placed.map(({ hit, lectureKey, ordinal }) => [`${lectureKey}:${ordinal}`, hit.score]));
    const scoreAt = (lectureKey: string, ordinal: number): number => scores.get(`${lectureKey}:${ordinal}`) ?? 0;
    const witnesses = new Map<string, number[]>();
    // Best first, so that the first few of each lecture are its best.
    for (const { hit, lectureKey } of placed) {
      const own = witnesses.get(lectureKey) ?? [];
      if (own.length < WITNESSES) witnesses.set(lectureKey, [...own, hit.score]);
    }
    return placed
      .map(({ hit, lectureKey, ordinal }): FusedHit => {
        const beside = (scoreAt(lectureKey, ordinal - 1) + scoreAt(lectureKey, ordinal + 1)) / 2;
        const around = witnesses.get(lectureKey)!.reduce((sum, score) => sum + score, 0) / WITNESSES;
        return { ...hit, score: (hit.score + neighbours * beside + lecture * around) / (1 + neighbours + lecture) };
      })
      .sort((a, b) => b.score - a.score || (a.chunkId < b.chunkId ? -1 : 1));
  };
}

/** Which lecture, in which generation, and where in it. An id of another form stands alone. */
function toPlace(chunkId: string): { lectureKey: string; ordinal: number } {
  const parsed = parseChunkId(chunkId);
  return parsed === undefined
    ? { lectureKey: chunkId, ordinal: 0 }
    : { lectureKey: `${parsed.lectureId}:${parsed.generation}`, ordinal: parsed.ordinal };
}
