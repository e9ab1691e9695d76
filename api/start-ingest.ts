import type { Client } from '@temporalio/client';
import { ingestWorkflowId, toJobId, type JobId } from '../contracts/identity.ts';
import { INGEST_WORKFLOW, type IngestInput } from '../contracts/ingest.ts';
import { toIngestStartOptions } from '../contracts/ingest-start.ts';
import type { Lecture } from '../contracts/lecture.ts';
import type { createTemporalCall } from './temporal-call.ts';

interface StartDeps {
  client: Client;
  call: ReturnType<typeof createTemporalCall>;
  /** Cancels what runs under an id and returns when nothing does. */
  stopRun: (workflowId: string) => Promise<void>;
}

interface IngestToStart {
  input: IngestInput;
  metadata: Lecture['metadata'];
  /** Of a lecture that was just made; absent for one that was there. */
  createdAt: Lecture['createdAt'] | undefined;
}

/** Starts an ingest, or joins the one that runs on this lecture; on a former life of a lecture just made nothing goes on. */
export async function startIngest({ client, call, stopRun }: StartDeps, { input, metadata, createdAt }: IngestToStart): Promise<JobId> {
  const begin = async (): Promise<string> => {
    const options = toIngestStartOptions(input, metadata, createdAt);
    return (await call(() => client.workflow.start(INGEST_WORKFLOW, options))).firstExecutionRunId;
  };
  const workflowId = ingestWorkflowId(input.tenantId, input.lectureId);
  const runId = await begin();
  if (createdAt === undefined) return toJobId(input.lectureId, runId);
  const { memo } = await call(() => client.workflow.getHandle(workflowId, runId).describe());
  if (memo?.['lectureCreatedAt'] === createdAt) return toJobId(input.lectureId, runId);
  // Temporal had the run of an upload that was refused because it answered too late: its lecture was taken back, artifacts and all.
  await stopRun(workflowId);
  return toJobId(input.lectureId, await begin());
}
