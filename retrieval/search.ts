import type { TenantId } from '../contracts/identity.ts';
import type { Hit, Leg, QueryFilters } from '../contracts/query.ts';
import type { Embedder, SparseEncoder } from '../inference/embedder.ts';
import { fuseRanks, type FusedHit } from './fusion.ts';
import type { LegQuery, StoredChunk, VectorIndex } from './vector-index.ts';

/** Candidates that each leg hands to fusion. */
const CANDIDATES = 40;

const MAX_ATTEMPTS = 3;

interface SearchRequest {
  question: string;
  /** Hits to return. */
  limit: number;
  filters: QueryFilters;
}

export interface FoundPassage {
  hit: Hit;
  chunk: StoredChunk;
}

export interface SearchResult {
  /** Best first. */
  passages: FoundPassage[];
  /** The question's dense vector, for whoever compares it with sentences. */
  questionVector: Float32Array;
  /** Milliseconds of each step: embed, index (all legs), fuse, read. */
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
}

export function createSearcher({ index, embedder, sparseEncoder, legs = ['dense', 'sparse', 'bm25'] }: SearcherDeps): Searcher {
  return {
    async search(tenantId, { question, limit, filters }, signal) {
      const clock = startClock();
      const [[dense], [sparse]] = await Promise.all([
        embedder.embed([question], signal),
        legs.includes('sparse') ? sparseEncoder.encode([question], signal) : [undefined],
      ]);
      clock.lap('embed');
      const queries = legs.map((leg): LegQuery => ({ leg, limit: CANDIDATES, ...toLegInput(leg, question, dense!, sparse) }));
      for (let attempt = 1; ; attempt++) {
        const found = await index.search(tenantId, queries, filters);
        clock.lap('index');
        const fused = fuseRanks(legs.map((leg, position) => ({ leg, hits: found[position]! }))).slice(0, limit);
        clock.lap('fuse');
        const ids = fused.map((hit) => hit.chunkId);
        const chunks = new Map((await index.getChunks(tenantId, ids)).map((chunk) => [chunk.chunkId, chunk]));
        clock.lap('read');
        // An activation between search and read takes the found chunks away: what replaced them is worth another look.
        if (chunks.size < ids.length && attempt < MAX_ATTEMPTS) continue;
        const passages = fused.flatMap((hit) => {
          const chunk = chunks.get(hit.chunkId);
          return chunk ? [{ hit: toHit(hit, chunk), chunk }] : [];
        });
        return { passages, questionVector: dense!, timingsMs: clock.laps };
      }
    },
  };
}

function toLegInput(leg: Leg, text: string, dense: Float32Array, sparse: LegQuery['sparse']): Partial<LegQuery> {
  if (leg === 'dense') return { dense };
  if (leg === 'bm25') return { text };
  return sparse === undefined ? {} : { sparse };
}

function toHit({ chunkId, score, legs }: FusedHit, chunk: StoredChunk): Hit {
  return {
    chunkId,
    lectureId: chunk.lectureId,
    ...(chunk.title === undefined ? {} : { title: chunk.title }),
    ...(chunk.course === undefined ? {} : { course: chunk.course }),
    ...(chunk.semester === undefined ? {} : { semester: chunk.semester }),
    speaker: chunk.speaker,
    ...(chunk.speakerName === undefined ? {} : { speakerName: chunk.speakerName }),
    startSeconds: chunk.startSeconds,
    endSeconds: chunk.endSeconds,
    text: chunk.text,
    score,
    legs,
  };
}

function startClock(): { lap: (step: string) => void; laps: Record<string, number> } {
  const laps: Record<string, number> = {};
  let last = performance.now();
  return {
    laps,
    lap(step) {
      const now = performance.now();
      laps[step] = (laps[step] ?? 0) + now - last;
      last = now;
    },
  };
}
