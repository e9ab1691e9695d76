import { z } from 'zod';
import { isKind, LecternError } from '../contracts/errors.ts';
import type { LectureId, TenantId } from '../contracts/identity.ts';
import { LectureSchema, type Lecture } from '../contracts/lecture.ts';
import { lectureKey, lecturePrefix, lecturesPrefix } from './keys.ts';
import type { ObjectStore } from './object-store.ts';

/** The lecture documents: what is true about each lecture. Nobody overwrites what they have not read. */
export interface LectureStore {
  get(tenantId: TenantId, lectureId: LectureId): Promise<Lecture | undefined>;
  /** Errors: `conflict` when the lecture is there. */
  create(lecture: Lecture): Promise<Lecture>;
  /** Compare-and-set: `change` is called again on the newer document when another writer was quicker. Errors: `not-found`. */
  update(tenantId: TenantId, lectureId: LectureId, change: (lecture: Lecture) => Lecture): Promise<Lecture>;
  /** Ascending by id, from behind `after` on. Documents are read as they are asked for, some ahead. */
  list(tenantId: TenantId, after?: LectureId): AsyncGenerator<Lecture>;
  /** The document, the recording and every artifact; returns how many objects. */
  delete(tenantId: TenantId, lectureId: LectureId): Promise<number>;
  /** What was made of a recording, and written after it was deleted: artifacts and revisions; returns how many objects. */
  deleteDerived(tenantId: TenantId, lectureId: LectureId): Promise<number>;
}

/** Conflicts in a row on one lecture; each one means that another writer got on. */
const MAX_TRIES = 100;

/** Documents read side by side in a listing: a store across a network answers in parallel what would take a round trip each. */
const READ_AHEAD = 16;

export function createLectureStore(objects: ObjectStore): LectureStore {
  async function read(key: string): Promise<{ lecture: Lecture; etag: string } | undefined> {
    try {
      const { body, info } = await objects.get(key);
      return { lecture: parseLecture(key, body), etag: info.etag };
    } catch (error) {
      if (isKind(error, 'not-found')) return undefined;
      throw error;
    }
  }

  async function write(lecture: Lecture, condition: { ifMatch: string } | { ifAbsent: true }): Promise<Lecture> {
    const whole = LectureSchema.parse(lecture);
    const body = Buffer.from(JSON.stringify(whole));
    await objects.put(lectureKey(whole.tenantId, whole.lectureId), body, { contentType: 'application/json', ...condition });
    return whole;
  }

  async function deleteAll(prefixes: readonly string[]): Promise<number> {
    let deleted = 0;
    for (const prefix of prefixes) deleted += await objects.deletePrefix(prefix);
    return deleted;
  }

  return {
    get: async (tenantId, lectureId) => (await read(lectureKey(tenantId, lectureId)))?.lecture,
    create: (lecture) => write(lecture, { ifAbsent: true }),
    async update(tenantId, lectureId, change) {
      for (let tries = 0; tries < MAX_TRIES; tries += 1) {
        const found = await read(lectureKey(tenantId, lectureId));
        if (found === undefined) throw new LecternError('not-found', `there is no lecture ${lectureId}`);
        const next = { ...change(found.lecture), tenantId, lectureId, updatedAt: new Date().toISOString() };
        try {
          return await write(next, { ifMatch: found.etag });
        } catch (error) {
          if (!isKind(error, 'conflict')) throw error;
        }
      }
      throw new LecternError('unavailable', `lecture ${lectureId} is changed by too many at once`);
    },
    async *list(tenantId, after) {
      let ahead: string[] = [];
      async function* readAhead(): AsyncGenerator<Lecture> {
        // A folder without a document is an upload that is not complete, or a deletion that is not.
        for (const found of await Promise.all(ahead.map((key) => read(key)))) if (found !== undefined) yield found.lecture;
        ahead = [];
      }
      for await (const lectureId of objects.listFolders(lecturesPrefix(tenantId), after)) {
        ahead.push(lectureKey(tenantId, lectureId));
        if (ahead.length === READ_AHEAD) yield* readAhead();
      }
      yield* readAhead();
    },
    async delete(tenantId, lectureId) {
      const prefix = lecturePrefix(tenantId, lectureId);
      // The document last: without it nobody could ask again for a deletion that was interrupted, and the recording would stay.
      return deleteAll([`${prefix}artifacts/`, `${prefix}media/`, `${prefix}revisions/`, prefix]);
    },
    async deleteDerived(tenantId, lectureId) {
      const prefix = lecturePrefix(tenantId, lectureId);
      return deleteAll([`${prefix}artifacts/`, `${prefix}revisions/`]);
    },
  };
}

function parseLecture(key: string, body: Uint8Array): Lecture {
  let json: unknown;
  try {
    json = JSON.parse(Buffer.from(body).toString());
  } catch (error) {
    throw new LecternError('internal', `${key} is damaged: it is not JSON`, { cause: error });
  }
  const parsed = LectureSchema.safeParse(json);
  if (parsed.success) return parsed.data;
  throw new LecternError('internal', `${key} is not a lecture document: ${z.prettifyError(parsed.error)}`);
}
