import { z } from 'zod';
import { LectureIdSchema, type LectureId, type TenantId } from '../contracts/identity.ts';
import { LectureSchema } from '../contracts/lecture.ts';
import { createJsonDocument } from './json-document.ts';
import { reindexedLectureKey, reindexedLecturesPrefix, reindexPlanKey, reindexPrefix } from './keys.ts';
import type { ObjectStore } from './object-store.ts';

/** What a lecture document says of the generation that is served. */
const ServedSchema = z.object({
  generation: z.string(),
  artifacts: LectureSchema.shape.artifacts.pick({ chunks: true, embeddings: true }),
  degraded: LectureSchema.shape.degraded,
});
export type Served = z.infer<typeof ServedSchema>;

const ReindexedLectureSchema = z.object({ lectureId: LectureIdSchema, from: ServedSchema, to: ServedSchema });
/** A lecture that a re-index has staged: what is served before the swap, and what after. */
export type ReindexedLecture = z.infer<typeof ReindexedLectureSchema>;

const PlanSchema = z.object({ lectures: z.array(LectureIdSchema) }).nullable();

/** What a re-index must know beyond its history, until nothing of it can be undone: ids and keys, no content. */
export interface ReindexNotes {
  /** The lectures that were planned first: a second plan changes nothing. Ascending by id. */
  plan(tenantId: TenantId, reindexId: string, find: () => Promise<LectureId[]>): Promise<LectureId[]>;
  note(tenantId: TenantId, reindexId: string, lecture: ReindexedLecture): Promise<void>;
  noted(tenantId: TenantId, reindexId: string): Promise<ReindexedLecture[]>;
  delete(tenantId: TenantId, reindexId: string): Promise<void>;
}

export function createReindexNotes(objects: ObjectStore): ReindexNotes {
  return {
    async plan(tenantId, reindexId, find) {
      const document = createJsonDocument(objects, { key: reindexPlanKey(tenantId, reindexId), schema: PlanSchema, absent: null });
      const known = await document.read();
      if (known !== null) return known.lectures;
      const lectures = await find();
      return (await document.update((before) => before ?? { lectures }))?.lectures ?? [];
    },
    async note(tenantId, reindexId, lecture) {
      const body = Buffer.from(JSON.stringify(ReindexedLectureSchema.parse(lecture)));
      await objects.put(reindexedLectureKey(tenantId, reindexId, lecture.lectureId), body, { contentType: 'application/json' });
    },
    async noted(tenantId, reindexId) {
      const lectures: ReindexedLecture[] = [];
      for await (const { key } of objects.list(reindexedLecturesPrefix(tenantId, reindexId))) {
        const { body } = await objects.get(key);
        lectures.push(ReindexedLectureSchema.parse(JSON.parse(Buffer.from(body).toString())));
      }
      return lectures;
    },
    async delete(tenantId, reindexId) {
      await objects.deletePrefix(reindexPrefix(tenantId, reindexId));
    },
  };
}
