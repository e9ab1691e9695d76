import { isKind } from '../contracts/errors.ts';
import type { LectureId, TenantId } from '../contracts/identity.ts';
import type { MovedLectures, ReindexActivities } from '../contracts/reindex-workflow.ts';
import type { VectorIndex } from '../retrieval/vector-index.ts';
import type { LectureStore } from '../storage/lectures.ts';
import type { ReindexedLecture, ReindexNotes } from '../storage/reindex-notes.ts';
import { toActivity } from './activity.ts';

export interface SwapReindexDeps {
  lectures: LectureStore;
  index: VectorIndex;
  reindexNotes: ReindexNotes;
}

/** All staged lectures at one moment, but for those that were deleted, ingested or edited since they were staged. */
export function createSwapReindexActivity(deps: SwapReindexDeps): ReindexActivities['swapReindex'] {
  return toActivity(async ({ tenantId, reindexId }) => move(deps, tenantId, await deps.reindexNotes.noted(tenantId, reindexId)));
}

/** The same the other way: what was written after the swap stays. */
export function createRollBackReindexActivity(deps: SwapReindexDeps): ReindexActivities['rollBackReindex'] {
  return toActivity(async ({ tenantId, reindexId }) => {
    const swapped = await deps.reindexNotes.noted(tenantId, reindexId);
    return move(
      deps,
      tenantId,
      swapped.map(({ lectureId, from, to }) => ({ lectureId, from: to, to: from })),
    );
  });
}

/** Drops the side that is no longer wanted, and the notes. */
export function createCloseReindexActivity({ index, reindexNotes }: SwapReindexDeps): ReindexActivities['closeReindex'] {
  return toActivity(async ({ tenantId, reindexId, drop }) => {
    for (const { lectureId, from, to } of await reindexNotes.noted(tenantId, reindexId)) {
      await discardUnlessServed(index, tenantId, lectureId, (drop === 'staged' ? to : from).generation);
    }
    await reindexNotes.delete(tenantId, reindexId);
  });
}

/** The index first: it decides which lectures move; their documents follow. Done again, it does the rest. */
async function move(
  { index, lectures }: SwapReindexDeps,
  tenantId: TenantId,
  changes: readonly ReindexedLecture[],
): Promise<MovedLectures> {
  const moves = changes.map(({ lectureId, from, to }) => ({ lectureId, from: from.generation, to: to.generation }));
  const moved = new Set(await index.moveTogether(tenantId, moves));
  for (const change of changes) if (moved.has(change.lectureId)) await followIndex(lectures, tenantId, change);
  return { moved: moved.size, left: changes.length - moved.size };
}

/** Unless somebody has written the document since, who knows better. */
async function followIndex(lectures: LectureStore, tenantId: TenantId, { lectureId, from, to }: ReindexedLecture): Promise<void> {
  try {
    await lectures.update(tenantId, lectureId, (lecture) => {
      if (lecture.generation !== from.generation) return lecture;
      const { chunks: _chunks, embeddings: _embeddings, ...kept } = lecture.artifacts;
      return { ...lecture, generation: to.generation, artifacts: { ...kept, ...to.artifacts }, degraded: to.degraded };
    });
  } catch (error) {
    // Deleted since: nothing is to be said about it.
    if (!isKind(error, 'not-found')) throw error;
  }
}

async function discardUnlessServed(index: VectorIndex, tenantId: TenantId, lectureId: LectureId, generation: string): Promise<void> {
  try {
    await index.discardGeneration(tenantId, lectureId, generation);
  } catch (error) {
    if (!isKind(error, 'conflict')) throw error;
  }
}
