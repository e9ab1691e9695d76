import type { TenantId } from '../contracts/identity.ts';
import { parseChunkId, toChunkId } from './chunk-id.ts';
import { readPassages, type FoundPassage } from './read-passages.ts';
import type { VectorIndex } from './vector-index.ts';

/**
 * The passages with what was said right before and after the first `widened` of them: a question's reply is by another speaker
 * and so in another chunk, and an explanation goes on in the next. Each neighbour stands beside the passage it belongs to, in the
 * order of the recording, as a passage of its own with its own speaker and score 0; the passages found keep their order.
 */
export async function withNeighbours(
  index: VectorIndex,
  tenantId: TenantId,
  passages: readonly FoundPassage[],
  widened: number,
): Promise<FoundPassage[]> {
  const found = new Set(passages.map(({ hit }) => hit.chunkId));
  const beside = passages.slice(0, widened).map(({ hit }) => neighbourIds(hit.chunkId));
  const wanted = [...new Set(beside.flat())].filter((id) => !found.has(id));
  const read = await readPassages(
    index,
    tenantId,
    wanted.map((chunkId) => ({ chunkId, score: 0, legs: {} })),
  );
  const waiting = new Map(read.map((passage) => [passage.hit.chunkId, passage]));
  const take = (chunkId: string | undefined): FoundPassage[] => {
    const passage = chunkId === undefined ? undefined : waiting.get(chunkId);
    if (passage === undefined) return [];
    waiting.delete(passage.hit.chunkId);
    return [passage];
  };
  return passages.flatMap((passage, rank) => {
    const [before, after] = beside[rank] ?? [];
    return [...take(before), passage, ...take(after)];
  });
}

/** The chunk before, if there can be one, and the chunk after. */
function neighbourIds(chunkId: string): [string, string] | [] {
  const parsed = parseChunkId(chunkId);
  if (parsed === undefined) return [];
  const { lectureId, generation, ordinal } = parsed;
  return [toChunkId(lectureId, generation, Math.max(0, ordinal - 1)), toChunkId(lectureId, generation, ordinal + 1)];
}
