import type { EditAccepted, Revision, RevisionAuthor, RevisionView } from '../contracts/edits.ts';
import { LecternError } from '../contracts/errors.ts';
import { headOf } from '../contracts/head-revision.ts';
import type { LectureId, TenantId } from '../contracts/identity.ts';
import type { HeadRevision, Lecture } from '../contracts/lecture.ts';
import type { Principal } from '../contracts/roles.ts';
import { TranscriptSchema } from '../contracts/transcript.ts';
import type { RevisionStore } from '../storage/revisions.ts';
import type { EditedLecture } from '../transcript/edit-apply.ts';
import type { ApiDeps } from './dependencies.ts';
import { getLecture } from './get-lecture.ts';
import { handOver, noteUnpublished } from './unpublished.ts';

export type ReviseDeps = Pick<ApiDeps, 'lectures' | 'artifacts' | 'revisions' | 'index' | 'objects' | 'keys' | 'publications' | 'logger'>;

/** The lecture that a revision is put on top of: its document, the head and what that says. */
export interface Current {
  lecture: Lecture;
  head: HeadRevision;
  edited: EditedLecture;
}

type NewRevision = Parameters<RevisionStore['append']>[1];

/** Editors of one lecture at once; each conflict means that another has written a revision. */
const MAX_TRIES = 20;

/**
 * Puts a revision on top of the head, whichever that is by then: `make` is called again where somebody else was quicker. When this
 * returns the revision is durable, and its publication on the way, or noted for when Temporal is back.
 */
export async function reviseLecture(
  deps: ReviseDeps,
  { tenantId, lectureId }: { tenantId: TenantId; lectureId: LectureId },
  make: (current: Current) => Promise<NewRevision>,
): Promise<{ lecture: Lecture; accepted: EditAccepted }> {
  for (let tries = 0; tries < MAX_TRIES; tries++) {
    const current = await readCurrent(deps, tenantId, lectureId);
    const next = await make(current);
    const isRead = next.transcript.digest !== current.head.transcript.digest;
    if (isRead) await noteUnpublished(deps, tenantId, lectureId);
    const lecture = await append(deps, current.lecture, next);
    if (lecture === undefined) continue;
    await nameSpeakers(deps, current.lecture, next);
    const revision = toRevisionView(await deps.revisions.get(lecture, current.head.number + 1));
    return { lecture, accepted: { lectureId, revision, publication: await publish(deps, lecture, isRead) } };
  }
  throw new LecternError('unavailable', `lecture ${lectureId} is edited by too many at once`, { cure: 'Try again in a moment.' });
}

/** Errors: `not-found` while there is no transcript. */
async function readCurrent(deps: ReviseDeps, tenantId: TenantId, lectureId: LectureId): Promise<Current> {
  const lecture = await getLecture(deps.lectures, tenantId, lectureId);
  const head = headOf(lecture);
  if (head === undefined) {
    throw new LecternError('not-found', `the lecture has no transcript: it is ${lecture.state}`, { cure: 'Wait for its job to complete.' });
  }
  const transcript = await deps.artifacts.read(head.transcript, TranscriptSchema);
  return { lecture, head, edited: { transcript, speakerNames: lecture.speakerNames } };
}

/** `undefined` where somebody else was quicker. */
async function append(deps: ReviseDeps, lecture: Lecture, next: NewRevision): Promise<Lecture | undefined> {
  try {
    return await deps.revisions.append(lecture, next);
  } catch (error) {
    if (!(error instanceof LecternError)) throw error;
    if (error.kind === 'conflict') return undefined;
    // The one answer for unknown, deleted and foreign lectures.
    throw error.kind === 'not-found' ? new LecternError('not-found', 'there is nothing of this id') : error;
  }
}

/** The document first: it is the truth, and an index that could not be told is told when its passages are written next. */
async function nameSpeakers(
  { index }: ReviseDeps,
  { tenantId, lectureId, speakerNames: before }: Lecture,
  { speakerNames: after }: NewRevision,
) {
  for (const speaker of new Set([...Object.keys(before), ...Object.keys(after)])) {
    if (before[speaker] !== after[speaker]) await index.nameSpeaker(tenantId, lectureId, speaker, after[speaker] ?? null);
  }
}

async function publish(
  deps: ReviseDeps,
  { tenantId, lectureId, revision }: Lecture,
  isRead: boolean,
): Promise<EditAccepted['publication']> {
  if (!isRead) return revision?.published.digest === revision?.transcript.digest ? 'done' : 'running';
  try {
    await handOver(deps, tenantId, lectureId);
    return 'running';
  } catch (error) {
    deps.logger.warn({ err: error, lectureId }, 'an edit waits for Temporal to be published');
    return 'waiting';
  }
}

/** Who is named as the author of a revision. */
export function toAuthor({ keyId, name }: Principal): RevisionAuthor {
  return { keyId, name };
}

export function toRevisionView({ number, parent, author, at, summary, origin }: Revision): RevisionView {
  return { number, parent, author, at, summary, kind: origin.kind };
}
