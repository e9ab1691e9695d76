import { isKind } from '../contracts/errors.ts';
import { headOf } from '../contracts/head-revision.ts';
import type { Lecture } from '../contracts/lecture.ts';
import type { Publication, PublishActivities, PublishFailure } from '../contracts/publish-workflow.ts';
import type { VectorIndex } from '../retrieval/vector-index.ts';
import type { LectureStore } from '../storage/lectures.ts';
import { toActivity } from './activity.ts';

/** Stage of a lecture's failure that the next publication mends. */
const PUBLISH_STAGE = 'publish';

export interface PublishDeps {
  lectures: Pick<LectureStore, 'get' | 'update' | 'deleteDerived'>;
  index: Pick<VectorIndex, 'deleteLecture'>;
}

/** The beginning and the end of bringing the index to the newest revision; the stages between are those of an ingest. */
export function createPublishActivities({ lectures, index }: PublishDeps): PublishActivities {
  return {
    readHead: toActivity(async ({ tenantId, lectureId }) => {
      const lecture = await lectures.get(tenantId, lectureId);
      const head = lecture && headOf(lecture);
      return head === undefined ? null : { revision: head.number, transcript: head.transcript };
    }),
    recordPublication: toActivity(async ({ tenantId, lectureId, publication }) => {
      await lectures.update(tenantId, lectureId, (lecture) => withPublication(lecture, publication));
    }),
    settlePublication: toActivity(async ({ tenantId, lectureId, failure }) => {
      if ((await lectures.get(tenantId, lectureId)) === undefined) {
        await index.deleteLecture(tenantId, lectureId);
        await lectures.deleteDerived(tenantId, lectureId);
        return;
      }
      if (failure === null) return;
      await lectures.update(tenantId, lectureId, (lecture) => ({ ...lecture, failure: toLectureFailure(failure) })).catch(unlessGone);
    }),
  };
}

/** An ingest or a later publication may have been quicker: what is newest stays. */
export function withPublication(lecture: Lecture, publication: Publication): Lecture {
  const { failure, revision: head, ...rest } = lecture;
  const { revision: number, transcript, generation, chunks, embeddings } = publication;
  if (head !== undefined && number < head.published.number) return lecture;
  return {
    ...rest,
    // Of an ingest that failed it stays true.
    ...(failure === undefined || failure.stage === PUBLISH_STAGE ? {} : { failure }),
    generation,
    artifacts: { ...lecture.artifacts, chunks: chunks.key, embeddings: embeddings.key },
    ...(head === undefined ? {} : { revision: { ...head, published: { number, digest: transcript.digest } } }),
    degraded: [...lecture.degraded.filter(({ stage }) => stage !== 'contextualize'), ...publication.degraded],
  };
}

function toLectureFailure({ kind, stage, message }: PublishFailure): NonNullable<Lecture['failure']> {
  return { kind, stage: PUBLISH_STAGE, message: `${stage}: ${message}` };
}

function unlessGone(error: unknown): void {
  if (!isKind(error, 'not-found')) throw error;
}
