import { LecternError } from '../contracts/errors.ts';
import type { LectureId } from '../contracts/identity.ts';
import type { ReindexActivities } from '../contracts/reindex-workflow.ts';
import type { LectureStore } from '../storage/lectures.ts';
import type { ReindexNotes } from '../storage/reindex-notes.ts';
import { toActivity } from './activity.ts';

export interface PlanReindexDeps {
  lectures: LectureStore;
  reindexNotes: ReindexNotes;
}

/** The lectures of the semester that are served now; those that come later are ingested by today's code anyway. */
export function createPlanReindexActivity({ lectures, reindexNotes }: PlanReindexDeps): ReindexActivities['planReindex'] {
  return toActivity(async ({ tenantId, reindexId, semester }) => {
    const find = async (): Promise<LectureId[]> => {
      const served: LectureId[] = [];
      for await (const { lectureId, metadata, generation } of lectures.list(tenantId)) {
        if (metadata.semester === semester && generation !== undefined) served.push(lectureId);
      }
      return served;
    };
    return (await reindexNotes.plan(tenantId, reindexId, find)).length;
  });
}

export function createListPlannedActivity({ reindexNotes }: PlanReindexDeps): ReindexActivities['listPlanned'] {
  return toActivity(async ({ tenantId, reindexId, offset, limit }) => {
    const lectures = await reindexNotes.plan(tenantId, reindexId, () => {
      throw new LecternError('internal', `the plan of re-index ${reindexId} is gone`);
    });
    return lectures.slice(offset, offset + limit);
  });
}
