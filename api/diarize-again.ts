import { WorkflowExecutionAlreadyStartedError, type Client } from '@temporalio/client';
import { isKind, LecternError } from '../contracts/errors.ts';
import { ingestWorkflowId, toJobId, type JobId } from '../contracts/identity.ts';
import { INGEST_WORKFLOW } from '../contracts/ingest.ts';
import { toIngestStartOptions } from '../contracts/ingest-start.ts';
import type { Lecture, SpeakerCount } from '../contracts/lecture.ts';
import { readIngestInput } from './read-ingest-input.ts';
import { createTemporalCall } from './temporal-call.ts';

/**
 * Tells the speakers of a lecture apart once more, as so many people; `null`: found by listening. An ingest as the last one was, in
 * which only the stages that depend on it compute anything. What people edited is carried over, and the transcript from before stays
 * as a revision. Errors: `conflict` while an ingest of the lecture runs; `unavailable`.
 */
export type DiarizeAgain = (lecture: Lecture, speakers: SpeakerCount | null) => Promise<JobId>;

export function createDiarizeAgain(client: Client): DiarizeAgain {
  const call = createTemporalCall(client);
  return async (lecture, speakers) => {
    const last = client.workflow.getHandle(ingestWorkflowId(lecture.tenantId, lecture.lectureId));
    const history = await call(() => last.fetchHistory()).catch(unlessForgotten);
    const { options, ...input } = await readIngestInput(client, history, lecture);
    const { speakers: _before, ...others } = options;
    const again = { ...input, options: { ...others, ...(speakers === null ? {} : { speakers }) } };
    // To join a run that is under way would drop the count without a word.
    const start = { ...toIngestStartOptions(again, lecture.metadata), workflowIdConflictPolicy: 'FAIL' as const };
    const handle = await call(() => client.workflow.start(INGEST_WORKFLOW, start)).catch(unlessRunning);
    return toJobId(lecture.lectureId, handle.firstExecutionRunId);
  };
}

function unlessForgotten(error: unknown): undefined {
  if (!isKind(error, 'not-found')) throw error;
}

function unlessRunning(error: unknown): never {
  if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
  throw new LecternError('conflict', 'an ingest of this lecture is under way', { cure: 'Wait for its job to end, then ask again.' });
}
