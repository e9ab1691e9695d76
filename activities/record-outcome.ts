import { isKind } from '../contracts/errors.ts';
import { toArtifactRef } from '../contracts/head-revision.ts';
import type { CpuActivities, IngestOutcome, StageContext } from '../contracts/ingest.ts';
import type { Lecture } from '../contracts/lecture.ts';
import type { VectorIndex } from '../retrieval/vector-index.ts';
import type { ArtifactStore } from '../storage/artifacts.ts';
import type { LectureStore } from '../storage/lectures.ts';
import { toActivity } from './activity.ts';
import { findLabelChange, moveNames, type LabelChange } from './move-names.ts';

export interface RecordOutcomeDeps {
  lectures: LectureStore;
  artifacts: Pick<ArtifactStore, 'read'>;
  index: Pick<VectorIndex, 'nameSpeaker'>;
}

/**
 * Writes how an ingest ended on the lecture document. Names that people gave its speakers go along when a newer diarization has
 * given those other labels.
 */
export function createRecordOutcomeActivity(deps: RecordOutcomeDeps): CpuActivities['recordOutcome'] {
  return toActivity(async (input) => {
    const { tenantId, lectureId, outcome } = input;
    try {
      const change = await changeLabels(deps, input);
      await deps.lectures.update(tenantId, lectureId, (lecture) => {
        const isSame = change !== undefined && lecture.artifacts.diarization === change.before;
        return withOutcome(isSame ? { ...lecture, speakerNames: moveNames(lecture.speakerNames, change) } : lecture, outcome);
      });
    } catch (error) {
      const isGone = isKind(error, 'not-found');
      // A lecture deleted meanwhile needs no word about a run that came to nothing; one that is "ready" must not be gone.
      if (!isGone || outcome.state === 'ready') throw error;
    }
  });
}

/** The index first: a run that dies here does both again. */
async function changeLabels(
  { lectures, artifacts, index }: RecordOutcomeDeps,
  { tenantId, lectureId, outcome }: StageContext & { outcome: IngestOutcome },
): Promise<LabelChange | undefined> {
  if (outcome.state !== 'ready') return undefined;
  const lecture = await lectures.get(tenantId, lectureId);
  const change = lecture && (await findLabelChange(artifacts, lecture, outcome.artifacts.diarization));
  if (lecture === undefined || change === undefined) return undefined;
  const names = moveNames(lecture.speakerNames, change);
  for (const speaker of change.speakers) await index.nameSpeaker(tenantId, lectureId, speaker, names[speaker] ?? null);
  return change;
}

/** A lecture with a generation stays `ready` when a later run comes to nothing: readers still see it. */
export function withOutcome(lecture: Lecture, outcome: IngestOutcome): Lecture {
  const { failure: _before, ...rest } = lecture;
  if (outcome.state === 'ready') {
    const { state, durationSeconds, language, transcribedBy, artifacts, degraded } = outcome;
    const ready = { ...rest, state, durationSeconds, language, transcribedBy, artifacts, degraded };
    return { ...ready, ...publishedBy(lecture, outcome) };
  }
  const serves = lecture.generation !== undefined;
  if (outcome.state === 'cancelled') return { ...rest, state: serves ? 'ready' : 'cancelled' };
  const { kind, stage, message } = outcome;
  return { ...rest, state: serves ? 'ready' : 'failed', failure: { kind, stage, message } };
}

/** What the index holds. An edit that was published while the run ended is newer than what the run made. */
function publishedBy(
  { generation, artifacts: before, revision: head }: Lecture,
  outcome: Extract<IngestOutcome, { state: 'ready' }>,
): Pick<Lecture, 'artifacts' | 'generation' | 'revision'> {
  const { artifacts, revision: number } = outcome;
  if (head === undefined) return { generation: outcome.generation, artifacts };
  const transcript = head.transcript.key;
  if (number === undefined || number < head.published.number) {
    const { chunks, embeddings } = before;
    const kept = { ...(chunks === undefined ? {} : { chunks }), ...(embeddings === undefined ? {} : { embeddings }) };
    return { ...(generation === undefined ? {} : { generation }), artifacts: { ...artifacts, ...kept, transcript } };
  }
  const published = { number, digest: toArtifactRef(artifacts.transcript).digest };
  return { generation: outcome.generation, artifacts: { ...artifacts, transcript }, revision: { ...head, published } };
}
