import { isKind, LecternError } from '../contracts/errors.ts';
import { headOf } from '../contracts/head-revision.ts';
import type { IndexInput } from '../contracts/ingest.ts';
import type { Lecture } from '../contracts/lecture.ts';
import { TranscriptSchema } from '../contracts/transcript.ts';
import type { ArtifactStore } from '../storage/artifacts.ts';
import type { LectureStore } from '../storage/lectures.ts';
import type { RevisionStore } from '../storage/revisions.ts';
import { highestLabel } from '../transcript/edit-apply.ts';
import { diffRevisions } from '../transcript/edit-diff.ts';
import { readUnlessGone } from './read-unless-gone.ts';

export interface AdoptDeps {
  artifacts: ArtifactStore;
  lectures: Pick<LectureStore, 'get'>;
  revisions: Pick<RevisionStore, 'append'>;
}

/** The revision that is to be served; `superseded` where somebody has edited since, so that there is a newer one. */
export type Adoption = { revision: number } | 'superseded';

/** Tries against other writers; each one that wins has written a revision. */
const MAX_TRIES = 20;

/**
 * Sees to it that what is about to be served is what people read. A transcript that is the head already is as it should be; one that
 * an ingest has made of the head becomes the next revision; any other is out of date.
 */
export async function adoptTranscript(deps: AdoptDeps, input: Required<Pick<IndexInput, 'transcript'>> & IndexInput): Promise<Adoption> {
  const { tenantId, lectureId, transcript, basis } = input;
  for (let tries = 0; tries < MAX_TRIES; tries++) {
    const lecture = await deps.lectures.get(tenantId, lectureId);
    const head = lecture && headOf(lecture);
    // Deleted, which the caller finds out; or the first ingest, which is revision 1 as soon as it is done.
    if (lecture === undefined || head === undefined) return { revision: 1 };
    if (head.transcript.digest === transcript.digest) return { revision: head.number };
    const isFromHead = lecture.revision === undefined ? basis !== undefined : basis?.carried?.from === head.transcript.digest;
    if (basis === undefined || !isFromHead) return 'superseded';
    try {
      const revision = await toMachineRevision(deps.artifacts, lecture, { ...input, basis });
      return { revision: headOf(await deps.revisions.append(lecture, revision))!.number };
    } catch (error) {
      if (!isKind(error, 'conflict')) throw error;
    }
  }
  throw new LecternError('unavailable', `lecture ${lectureId} is edited by too many at once`);
}

async function toMachineRevision(
  artifacts: ArtifactStore,
  lecture: Lecture,
  { transcript, basis }: Required<Pick<IndexInput, 'transcript' | 'basis'>>,
): Promise<Parameters<RevisionStore['append']>[1]> {
  const { speakerNames } = lecture;
  const head = headOf(lecture)!;
  const next = { transcript: await artifacts.read(transcript, TranscriptSchema), speakerNames };
  const before = await readUnlessGone(artifacts, head.transcript, TranscriptSchema);
  return {
    author: null,
    origin: { kind: 'machine', editsLost: basis.carried?.lost ?? 0 },
    summary: diffRevisions({ transcript: before ?? { ...next.transcript, turns: [] }, speakerNames }, next).summary,
    transcript,
    machine: basis.machine,
    speakerNames,
    lastLabel: Math.max(head.lastLabel, highestLabel(next)),
  };
}
