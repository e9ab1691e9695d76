import type { TenantId } from '../contracts/identity.ts';
import type { Hit } from '../contracts/query.ts';
import type { FusedHit } from './fusion/fuse.ts';
import type { StoredChunk, VectorIndex } from './vector-index.ts';

/** A passage as the reader sees it, and the chunk behind it with its words. */
export interface FoundPassage {
  hit: Hit;
  chunk: StoredChunk;
}

/** The passages of fused hits, in their order; those that an activation or a deletion took away meanwhile are left out. */
export async function readPassages(index: VectorIndex, tenantId: TenantId, fused: readonly FusedHit[]): Promise<FoundPassage[]> {
  const stored = await index.getChunks(
    tenantId,
    fused.map(({ chunkId }) => chunkId),
  );
  const chunks = new Map(stored.map((chunk) => [chunk.chunkId, chunk]));
  return fused.flatMap((hit) => {
    const chunk = chunks.get(hit.chunkId);
    return chunk === undefined ? [] : [{ hit: toHit(hit, chunk), chunk }];
  });
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
    ...(chunk.role === undefined ? {} : { role: chunk.role }),
    startSeconds: chunk.startSeconds,
    endSeconds: chunk.endSeconds,
    text: chunk.text,
    score,
    legs,
  };
}
