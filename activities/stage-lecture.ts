import { createHash } from 'node:crypto';
import { isKind } from '../contracts/errors.ts';
import { headOf } from '../contracts/head-revision.ts';
import type { StageContext } from '../contracts/ingest.ts';
import type { Lecture } from '../contracts/lecture.ts';
import type { ReindexActivities } from '../contracts/reindex-workflow.ts';
import { contentsOf, generationOf, stagedGenerationOf } from '../contracts/stages.ts';
import type { ReindexNotes, Served } from '../storage/reindex-notes.ts';
import { toActivity } from './activity.ts';
import { nameAsNow, readRows, toCatalogueEntry, writeRows, type IndexLectureDeps } from './index-lecture.ts';

export interface StageLectureDeps extends Omit<IndexLectureDeps, 'revisions'> {
  reindexNotes: ReindexNotes;
}

/** The transcript that people read: an edited lecture's is that of its last revision. */
export function createOpenLectureActivity({ lectures, index }: StageLectureDeps): ReindexActivities['openLecture'] {
  return toActivity(async ({ tenantId, lectureId }) => {
    // The generation first: what is published in between is at `from` no more, and the swap leaves it alone.
    const from = await index.activeGeneration(tenantId, lectureId);
    const lecture = await lectures.get(tenantId, lectureId);
    const head = lecture && headOf(lecture);
    return from === null || head === undefined ? null : { from, transcript: head.transcript };
  });
}

/** Writes the generation beside the one that readers see and notes it; a lecture that is as it would be is left alone. */
export function createStageLectureActivity(deps: StageLectureDeps): ReindexActivities['stageLecture'] {
  return toActivity(async ({ tenantId, lectureId, reindexId, from, chunks, contexts, degraded, embeddings }, run) => {
    const lecture = await deps.lectures.get(tenantId, lectureId);
    if (lecture === undefined) return leaveNothing(deps, { tenantId, lectureId });
    if ((await deps.index.activeGeneration(tenantId, lectureId)) !== from) return { state: 'gone' };
    if (contentsOf(from) === generationOf(embeddings)) return { state: 'unchanged' };

    const generation = stagedGenerationOf(embeddings, markOf(reindexId));
    const { artifacts } = lecture;
    const before: Served = {
      generation: from,
      artifacts: { chunks: artifacts.chunks, embeddings: artifacts.embeddings },
      degraded: lecture.degraded,
    };
    const made = { chunks: chunks.key, embeddings: embeddings.key };
    const after: Served = { generation, artifacts: made, degraded: withContextNote(lecture, degraded) };
    // Before the first row: whoever cleans up must know of it.
    await deps.reindexNotes.note(tenantId, reindexId, { lectureId, from: before, to: after });
    const rows = await readRows(deps.artifacts, lecture, { chunks, contexts, embeddings });
    await writeRows(deps.index, { tenantId, entry: toCatalogueEntry(lecture), generation, rows, run });
    run.signal.throwIfAborted();
    await deps.index.stage(tenantId, lectureId, generation, rows.length);
    try {
      await nameAsNow(deps, lecture);
    } catch (error) {
      if (isKind(error, 'not-found')) return leaveNothing(deps, { tenantId, lectureId });
      throw error;
    }
    return { state: 'staged' };
  });
}

/** What is deleted stays deleted: a lecture that went meanwhile takes along what was written since. */
async function leaveNothing({ lectures, index }: StageLectureDeps, { tenantId, lectureId }: StageContext): Promise<{ state: 'gone' }> {
  await index.deleteLecture(tenantId, lectureId);
  await lectures.deleteDerived(tenantId, lectureId);
  return { state: 'gone' };
}

function withContextNote({ degraded }: Lecture, reason: string | null): Lecture['degraded'] {
  const others = degraded.filter(({ stage }) => stage !== 'contextualize');
  return reason === null ? others : [...others, { stage: 'contextualize', reason }];
}

/** Short, and of characters that a chunk's id may hold. */
function markOf(reindexId: string): string {
  return `r${createHash('sha256').update(reindexId).digest('hex').slice(0, 8)}`;
}
