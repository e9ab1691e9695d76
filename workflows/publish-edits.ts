import {
  CancellationScope,
  continueAsNew,
  defineSignal,
  isCancellation,
  proxyActivities,
  setHandler,
  workflowInfo,
} from '@temporalio/workflow';
import type { ArtifactRef, StageContext } from '../contracts/ingest.ts';
import type { Degradation } from '../contracts/lecture.ts';
import { EDITED_SIGNAL, type PublishActivities, type PublishInput, type PublishResult } from '../contracts/publish-workflow.ts';
import { TASK_QUEUES, type Stage } from '../contracts/stages.ts';
import { toIngestFailure, toWorkflowFailure } from './ingest-failure.ts';
import { chunk, contextualize, embed, index, patient } from './retry-policies.ts';

const editedSignal = defineSignal(EDITED_SIGNAL);

const { readHead, recordPublication, settlePublication } = proxyActivities<PublishActivities>({ ...patient, taskQueue: TASK_QUEUES.cpu });

/**
 * Brings the index to the newest revision of a lecture's transcript: its passages, those an edit has not touched as they were, with
 * the vectors they have. Edits that come meanwhile are taken together: only the newest revision is made.
 */
export async function publishEdits(input: PublishInput): Promise<PublishResult> {
  const state = { edited: false };
  setHandler(editedSignal, () => void (state.edited = true));
  const at: { stage: Stage } = { stage: 'chunk' };
  try {
    let result: PublishResult | 'superseded';
    do {
      if (workflowInfo().continueAsNewSuggested) await continueAsNew<typeof publishEdits>(input);
      state.edited = false;
      result = await publishHead(input, at);
    } while (result === 'superseded' || (state.edited && result.state !== 'gone'));
    return result;
  } catch (error) {
    const failure = isCancellation(error) ? null : toIngestFailure(error, at.stage);
    await CancellationScope.nonCancellable(() => settlePublication({ ...input, failure }));
    throw failure === null ? error : toWorkflowFailure(failure);
  }
}

async function publishHead(context: StageContext, at: { stage: Stage }): Promise<PublishResult | 'superseded'> {
  at.stage = 'chunk';
  const head = await readHead(context);
  if (head === null) {
    await settlePublication({ ...context, failure: null });
    return { state: 'gone' };
  }
  const { transcript, revision } = head;
  const chunks = await chunk({ ...context, transcript });
  const degraded: Degradation[] = [];
  const contexts = await situate(context, transcript, chunks.artifact, degraded);
  at.stage = 'embed';
  const embeddings = await embed({ ...context, chunks: chunks.artifact, contexts });
  at.stage = 'index';
  const indexed = await index({ ...context, chunks: chunks.artifact, contexts, embeddings: embeddings.artifact, transcript });
  if (indexed.superseded === true) return 'superseded';

  const { generation } = indexed;
  const publication = { revision, transcript, generation, chunks: chunks.artifact, embeddings: embeddings.artifact, degraded };
  // Readers find it by now: the document must say so, even to someone who cancels at this moment.
  await CancellationScope.nonCancellable(() => recordPublication({ ...context, publication }));
  const embedded = embeddings.embedded ?? 0;
  return { state: 'published', revision, generation, chunks: indexed.chunks, embedded, reused: indexed.chunks - embedded };
}

/** As in an ingest: without what situates them passages are searched by their own words alone. */
async function situate(
  context: StageContext,
  transcript: ArtifactRef,
  chunks: ArtifactRef,
  degraded: Degradation[],
): Promise<ArtifactRef | null> {
  try {
    const { artifact, contextualized, degradation } = await contextualize({ ...context, transcript, chunks });
    if (!contextualized) degraded.push({ stage: 'contextualize', reason: degradation ?? 'no language model configured' });
    return artifact;
  } catch (error) {
    if (isCancellation(error)) throw error;
    degraded.push({ stage: 'contextualize', reason: toIngestFailure(error, 'contextualize').message });
    return null;
  }
}
