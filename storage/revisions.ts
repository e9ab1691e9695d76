import { RevisionSchema, type Revision } from '../contracts/edits.ts';
import { isKind, LecternError } from '../contracts/errors.ts';
import { headOf } from '../contracts/head-revision.ts';
import type { LectureId, TenantId } from '../contracts/identity.ts';
import type { Lecture } from '../contracts/lecture.ts';
import { revisionKey } from './keys.ts';
import type { LectureStore } from './lectures.ts';
import type { ObjectStore } from './object-store.ts';

/** What is new about a revision; the rest follows from the lecture that it is put on top of. */
export type NewRevision = Pick<Revision, 'author' | 'origin' | 'summary' | 'transcript' | 'machine' | 'speakerNames' | 'lastLabel'>;

/** The revisions of a lecture's transcript: written once, never changed, deleted with the lecture. */
export interface RevisionStore {
  /** Errors: `not-found`. Revision 1 of a lecture that nobody has edited is made of the document. */
  get(lecture: Lecture, number: number): Promise<Revision>;
  /** Up to the head, the newest first. */
  list(lecture: Lecture): Promise<Revision[]>;
  /**
   * Puts a revision on top of the head that `lecture` has, and makes it the head: the lecture as it is then. It is durable before the
   * document says so, and whoever comes next completes what was interrupted between the two. Errors: `conflict` when somebody else was
   * quicker; `not-found` when the lecture was deleted: then nothing of the revision is left.
   */
  append(lecture: Lecture, next: NewRevision): Promise<Lecture>;
}

export function createRevisionStore(deps: { objects: ObjectStore; lectures: Pick<LectureStore, 'update'> }): RevisionStore {
  const { objects, lectures } = deps;

  async function read(tenantId: TenantId, lectureId: LectureId, number: number): Promise<Revision> {
    const { body } = await objects.get(revisionKey(tenantId, lectureId, number));
    return RevisionSchema.parse(JSON.parse(Buffer.from(body).toString()));
  }
  async function write({ tenantId, lectureId }: Lecture, revision: Revision): Promise<void> {
    const body = Buffer.from(JSON.stringify(RevisionSchema.parse(revision)));
    await objects.put(revisionKey(tenantId, lectureId, revision.number), body, { contentType: 'application/json', ifAbsent: true });
  }
  const makeHead = (lecture: Lecture, revision: Revision): Promise<Lecture> =>
    lectures.update(lecture.tenantId, lecture.lectureId, (latest) => withHead(latest, revision));

  return {
    async get(lecture, number) {
      const head = headOf(lecture);
      if (head === undefined || number > head.number) throw notFound(number);
      if (lecture.revision === undefined) return toFirst(lecture);
      return read(lecture.tenantId, lecture.lectureId, number);
    },
    async list(lecture) {
      const head = headOf(lecture);
      if (head === undefined) return [];
      if (lecture.revision === undefined) return [toFirst(lecture)];
      const numbers = Array.from({ length: head.number }, (_, index) => head.number - index);
      return Promise.all(numbers.map((number) => read(lecture.tenantId, lecture.lectureId, number)));
    },
    async append(lecture, next) {
      const head = headOf(lecture);
      if (head === undefined) throw notFound(1);
      if (lecture.revision === undefined) await write(lecture, toFirst(lecture)).catch(unlessThere);
      const { tenantId, lectureId } = lecture;
      const revision = { ...next, number: head.number + 1, parent: head.number, at: new Date().toISOString() };
      try {
        await write(lecture, revision);
      } catch (error) {
        unlessThere(error);
        // Perhaps its writer died before it could say so: then it is the head from here on.
        await makeHead(lecture, await read(tenantId, lectureId, revision.number));
        throw new LecternError('conflict', `revision ${revision.number} was made by somebody else`, { cause: error });
      }
      try {
        return await makeHead(lecture, revision);
      } catch (error) {
        if (isKind(error, 'not-found')) {
          const written = [revisionKey(tenantId, lectureId, 1), revisionKey(tenantId, lectureId, revision.number), next.transcript.key];
          for (const key of written) await objects.delete(key);
        }
        throw error;
      }
    },
  };
}

/** What the first ingest made, of a lecture that nobody has edited. */
function toFirst(lecture: Lecture): Revision {
  const { transcript, machine } = headOf(lecture)!;
  return {
    number: 1,
    parent: null,
    author: null,
    at: lecture.updatedAt,
    origin: { kind: 'machine', editsLost: 0 },
    summary: { wordsAdded: 0, wordsRemoved: 0, wordsReassigned: 0, turns: 0, speakersRenamed: 0 },
    transcript,
    machine,
    speakerNames: lecture.speakerNames,
    lastLabel: 0,
  };
}

/** Of two writers the later revision stays. */
function withHead(lecture: Lecture, { number, transcript, machine, lastLabel, speakerNames }: Revision): Lecture {
  const before = headOf(lecture);
  if (before === undefined || before.number >= number) return lecture;
  const published = before.published.digest === transcript.digest ? { number, digest: transcript.digest } : before.published;
  return {
    ...lecture,
    speakerNames,
    artifacts: { ...lecture.artifacts, transcript: transcript.key },
    revision: { number, transcript, machine, lastLabel, published },
  };
}

function notFound(number: number): LecternError {
  return new LecternError('not-found', `there is no revision ${number}`);
}

function unlessThere(error: unknown): void {
  if (!isKind(error, 'conflict')) throw error;
}
