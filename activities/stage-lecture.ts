import { createHash } from 'node:crypto';
import { LecternError } from '../contracts/errors.ts';
import type { StageContext } from '../contracts/ingest.ts';
import type { Lecture } from '../contracts/lecture.ts';
import type { ReindexActivities } from '../contracts/reindex-workflow.ts';
import { contentsOf, generationOf, stagedGenerationOf } from '../contracts/stages.ts';
import type { ReindexNotes, Served } from '../storage/reindex-notes.ts';
import { toActivity } from './activity.ts';
import { readRows, toCatalogueEntry, writeRows, type IndexLectureDeps } from './index-lecture.ts';

export interface StageLectureDeps extends IndexLectureDeps {
  reindexNotes: ReindexNotes;
}

/** The published transcript: an edited lecture's is that of its last revision. */
export function createOpenLectureActivity({ lectures, index }: StageLectureDeps): ReindexActivities['openLecture'] {
  return toActivity(async ({ tenantId, lectureId }) => {
    // The generation first: what is published in between is at `from` no more, and the swap leaves it alone.
    const from = await index.activeGeneration(tenantId, lectureId);
    const transcript = (await lectures.get(tenantId, lectureId))?.artifacts.transcript;
    if (from === null || transcript === undefined) return null;
    return { from, transcript: { key: transcript, digest: digestIn(transcript) } };
  });
}

/** Writes the generation beside the one that readers see and notes it; a lecture that is as it would be is left alone. */
export function createStageLectureActivity(deps: StageLectureDeps): ReindexActivities['stageLecture'] {
  return toActivity(async ({ tenantId, lectureId, reindexId, from, chunks, contexts, degraded, embeddings }, run) => {
    const lecture = await deps.lectures.get(tenantId, lectureId);
    if (lecture === undefined || (await deps.index.activeGeneration(tenantId, lectureId)) !== from) return { state: 'gone' };
    if (contentsOf(from) === generationOf(embeddings)) return { state: 'unchanged' };

    const generation = stagedGenerationOf(embeddings, markOf(reindexId));
    const before: Served = { generation: from, chunks: lecture.artifacts.chunks, degraded: lecture.degraded };
    const after: Served = { generation, chunks: chunks.key, degraded: withContextNote(lecture, degraded) };
    // Before the first row: whoever cleans up must know of it.
    await deps.reindexNotes.note(tenantId, reindexId, { lectureId, from: before, to: after });
    const rows = await readRows(deps.artifacts, lecture, { chunks, contexts, embeddings });
    await writeRows(deps.index, { tenantId, entry: toCatalogueEntry(lecture), generation, rows, run });
    run.signal.throwIfAborted();
    await deps.index.stage(tenantId, lectureId, generation, rows.length);
    return { state: (await isDeleted(deps, { tenantId, lectureId })) ? 'gone' : 'staged' };
  });
}

/** What is deleted stays deleted: a lecture that went while its rows were written takes them along. */
async function isDeleted({ lectures, index }: StageLectureDeps, { tenantId, lectureId }: StageContext): Promise<boolean> {
  if ((await lectures.get(tenantId, lectureId)) !== undefined) return false;
  await index.deleteLecture(tenantId, lectureId);
  return true;
}

function withContextNote({ degraded }: Lecture, reason: string | null): Lecture['degraded'] {
  const others = degraded.filter(({ stage }) => stage !== 'contextualize');
  return reason === null ? others : [...others, { stage: 'contextualize', reason }];
}

/** Short, and of characters that a chunk's id may hold. */
function markOf(reindexId: string): string {
  return `r${createHash('sha256').update(reindexId).digest('hex').slice(0, 8)}`;
}

/** Artifacts lie under their digest. */
function digestIn(key: string): string {
  const digest = /\/([0-9a-f]{64})\.json$/.exec(key)?.[1];
  if (digest === undefined) throw new LecternError('internal', `${key} is not the key of an artifact`);
  return digest;
}
