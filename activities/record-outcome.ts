import { LecternError } from '../contracts/errors.ts';
import type { CpuActivities, IngestOutcome } from '../contracts/ingest.ts';
import type { Lecture } from '../contracts/lecture.ts';
import type { LectureStore } from '../storage/lectures.ts';
import { toActivity } from './activity.ts';

/** Writes how an ingest ended on the lecture document. */
export function createRecordOutcomeActivity(deps: { lectures: LectureStore }): CpuActivities['recordOutcome'] {
  return toActivity(async ({ tenantId, lectureId, outcome }) => {
    try {
      await deps.lectures.update(tenantId, lectureId, (lecture) => withOutcome(lecture, outcome));
    } catch (error) {
      const isGone = error instanceof LecternError && error.kind === 'not-found';
      // A lecture deleted meanwhile needs no word about a run that came to nothing; one that is "ready" must not be gone.
      if (!isGone || outcome.state === 'ready') throw error;
    }
  });
}

/** A lecture with a generation stays `ready` when a later run comes to nothing: readers still see it. */
export function withOutcome(lecture: Lecture, outcome: IngestOutcome): Lecture {
  const { failure: _before, ...rest } = lecture;
  if (outcome.state === 'ready') {
    const { state, generation, durationSeconds, language, transcribedBy, artifacts, degraded } = outcome;
    return { ...rest, state, generation, durationSeconds, language, transcribedBy, artifacts, degraded };
  }
  const serves = lecture.generation !== undefined;
  if (outcome.state === 'cancelled') return { ...rest, state: serves ? 'ready' : 'cancelled' };
  const { kind, stage, message } = outcome;
  return { ...rest, state: serves ? 'ready' : 'failed', failure: { kind, stage, message } };
}
