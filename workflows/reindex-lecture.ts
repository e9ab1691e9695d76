import { isCancellation } from '@temporalio/workflow';
import type { ArtifactRef, StageContext } from '../contracts/ingest.ts';
import type { ReindexLectureInput, ReindexLectureResult } from '../contracts/reindex-workflow.ts';
import { toIngestFailure, toWorkflowFailure } from './ingest-failure.ts';
import { openLecture, stageLecture } from './reindex-policies.ts';
import { chunk, contextualize, embed } from './retry-policies.ts';

/**
 * The published transcript of a lecture, edits and all, once more on its way to the index: up to a generation that is staged, which
 * readers see when the whole semester is swapped. A stage whose artifact is there costs one look.
 */
export async function reindexLecture(input: ReindexLectureInput): Promise<ReindexLectureResult> {
  const { tenantId, lectureId } = input;
  const context: StageContext = { tenantId, lectureId };
  let stage: 'chunk' | 'embed' | 'index' = 'chunk';
  try {
    const opened = await openLecture(context);
    if (opened === null) return { state: 'gone', computedStages: 0 };
    const chunks = await chunk({ ...context, transcript: opened.transcript });
    const contexts = await situate(context, opened.transcript, chunks.artifact);
    stage = 'embed';
    const embeddings = await embed({ ...context, chunks: chunks.artifact, contexts: contexts.artifact });
    stage = 'index';
    const { state } = await stageLecture({
      ...input,
      from: opened.from,
      chunks: chunks.artifact,
      contexts: contexts.artifact,
      degraded: contexts.degraded,
      embeddings: embeddings.artifact,
    });
    const computed = [chunks.reused, contexts.reused, embeddings.reused].filter((reused) => !reused).length;
    return { state, computedStages: computed + (state === 'staged' ? 1 : 0) };
  } catch (error) {
    throw isCancellation(error) ? error : toWorkflowFailure(toIngestFailure(error, stage));
  }
}

interface Situated {
  artifact: ArtifactRef | null;
  /** What the passages have to do without, for people. */
  degraded: string | null;
  reused: boolean;
}

/** As in an ingest: without what situates them passages are searched by their own words alone. */
async function situate(context: StageContext, transcript: ArtifactRef, chunks: ArtifactRef): Promise<Situated> {
  try {
    const { artifact, contextualized, degradation, reused } = await contextualize({ ...context, transcript, chunks });
    return { artifact, degraded: contextualized ? null : (degradation ?? 'no language model configured'), reused };
  } catch (error) {
    if (isCancellation(error)) throw error;
    return { artifact: null, degraded: toIngestFailure(error, 'contextualize').message, reused: false };
  }
}
