import type { EditAccepted, EditOperation, RevisionAuthor } from '../contracts/edits.ts';
import { LecternError } from '../contracts/errors.ts';
import type { LectureId, TenantId } from '../contracts/identity.ts';
import type { Lecture } from '../contracts/lecture.ts';
import { TranscriptSchema } from '../contracts/transcript.ts';
import { applyEdits, highestLabel, type EditedLecture } from '../transcript/edit-apply.ts';
import { diffRevisions } from '../transcript/edit-diff.ts';
import { rebaseOperations } from '../transcript/edit-rebase.ts';
import { reviseLecture, type Current, type ReviseDeps } from './revise-lecture.ts';

/** Of what `applyEdits` makes of the same operations. */
const VERSION = 1;

export interface Edit {
  tenantId: TenantId;
  lectureId: LectureId;
  author: RevisionAuthor;
  /** Whose positions the operations name; `null`: the head's, whichever that is (for operations without positions). */
  baseRevision: number | null;
  operations: readonly EditOperation[];
}

/**
 * Makes a revision of an edit. One against an older revision is moved to the head where it touches nothing that has changed since;
 * else `conflict`, with the number to look at. Errors: `invalid-input`, `not-found`, `conflict`, `unavailable`.
 */
export async function editTranscript(deps: ReviseDeps, edit: Edit): Promise<{ lecture: Lecture; accepted: EditAccepted }> {
  const { tenantId, lectureId, author } = edit;
  return reviseLecture(deps, edit, async (current) => {
    const { head, edited: before } = current;
    const operations = await moveToHead(deps, current, edit);
    const lastLabel = Math.max(head.lastLabel, highestLabel(before));
    const after = applyEdits(before, operations, lastLabel);
    const isRead = JSON.stringify(after.transcript) !== JSON.stringify(before.transcript);
    const options = { operations, lastLabel };
    const made = deps.artifacts.ref({ tenantId, lectureId, stage: 'edit', version: VERSION, inputs: [head.transcript.digest], options });
    if (isRead) await deps.artifacts.write(made, after.transcript);
    return {
      author,
      origin: { kind: 'edit', operations },
      summary: diffRevisions(before, after).summary,
      transcript: isRead ? made : head.transcript,
      machine: head.machine,
      speakerNames: { ...after.speakerNames },
      lastLabel: Math.max(lastLabel, highestLabel(after)),
    };
  });
}

async function moveToHead(
  deps: ReviseDeps,
  { lecture, head, edited }: Current,
  { baseRevision, operations }: Edit,
): Promise<EditOperation[]> {
  if (baseRevision === null || baseRevision === head.number) return [...operations];
  if (baseRevision > head.number) throw stale(baseRevision, head.number, 'there is no newer one');
  const moved = rebaseOperations(operations, await readRevision(deps, lecture, baseRevision), edited);
  if (moved === null) throw stale(baseRevision, head.number, 'what this edit touches has changed since');
  return moved;
}

function stale(baseRevision: number, head: number, reason: string): LecternError {
  return new LecternError('conflict', `the transcript is at revision ${head}, the edit was made against ${baseRevision}: ${reason}`, {
    cure: `Read revision ${head} of the transcript and make the edit anew.`,
    details: { revision: head },
  });
}

/** What a revision says. Errors: `not-found`. */
export async function readRevision(
  { revisions, artifacts }: Pick<ReviseDeps, 'revisions' | 'artifacts'>,
  lecture: Lecture,
  number: number,
): Promise<EditedLecture> {
  const { transcript, speakerNames } = await revisions.get(lecture, number);
  return { transcript: await artifacts.read(transcript, TranscriptSchema), speakerNames };
}

/** Makes an earlier revision the newest: what came after it stays, to be restored in turn. */
export async function restoreRevision(
  deps: ReviseDeps,
  { number, author, ...context }: Pick<Edit, 'tenantId' | 'lectureId' | 'author'> & { number: number },
): Promise<EditAccepted> {
  const { accepted } = await reviseLecture(deps, context, async ({ lecture, head, edited: before }) => {
    const { transcript, speakerNames } = await deps.revisions.get(lecture, number);
    const after = await readRevision(deps, lecture, number);
    const { summary } = diffRevisions(before, after);
    return {
      author,
      origin: { kind: 'restore', of: number },
      summary,
      transcript,
      machine: head.machine,
      speakerNames,
      lastLabel: head.lastLabel,
    };
  });
  return accepted;
}
