import { createHash } from 'node:crypto';
import { WorkflowFailedError, type Client, type WorkflowExecutionDescription } from '@temporalio/client';
import type { Job, JobPage } from '../contracts/api.ts';
import { isKind, LecternError } from '../contracts/errors.ts';
import { ingestWorkflowId, splitJobId, type JobId, type LectureId, type TenantId } from '../contracts/identity.ts';
import { INGEST_WORKFLOW, PROGRESS_QUERY, type IngestInput, type IngestProgress, type IngestResult } from '../contracts/ingest.ts';
import type { Lecture } from '../contracts/lecture.ts';
import { publishWorkflowId } from '../contracts/publish-workflow.ts';
import { reindexLectureWorkflowId } from '../contracts/reindex-workflow.ts';
import { readHeartbeats } from './heartbeats.ts';
import { toClosedJob, toJobState, toJobSummary, toRunningJob } from './job-view.ts';
import { startIngest } from './start-ingest.ts';
import { createTemporalCall } from './temporal-call.ts';

/** The ingests of a tenant, as the API needs them. Errors: `not-found`, `unavailable` (Temporal cannot be reached). */
export interface IngestJobs {
  /**
   * Starts the ingest, or joins the one that runs on this lecture. `createdAt` of a lecture that was just made: what may still run on
   * its former life is stopped first.
   */
  start(input: IngestInput, metadata: Lecture['metadata'], createdAt?: Lecture['createdAt']): Promise<JobId>;
  get(tenantId: TenantId, jobId: JobId): Promise<Job>;
  /** Running ones first, then the last closed first. */
  list(tenantId: TenantId, page: { limit: number; cursor?: string | undefined }): Promise<JobPage>;
  /** Asks a running job to stop; `conflict` when it has ended. */
  cancel(tenantId: TenantId, jobId: JobId): Promise<void>;
  /** Cancels what runs on the lecture and returns when nothing does. */
  stop(tenantId: TenantId, lectureId: LectureId): Promise<void>;
  health(): Promise<void>;
}

/** A query waits for a worker. One that is busy answers well within this; without one the job is told without its stages. */
const QUERY_MS = 2_000;
/** An activity hears of its cancellation at its next heartbeat, so the longest heartbeat interval fits here. */
const STOP_MS = 45_000;

export function createTemporalJobs(client: Client, namespace: string): IngestJobs {
  const call = createTemporalCall(client);
  const handleOf = (tenantId: TenantId, jobId: JobId) => {
    const { lectureId, runId } = splitJobId(jobId);
    // The tenant is the caller's own, never one read from the id: a foreign job is simply not found.
    return client.workflow.getHandle(ingestWorkflowId(tenantId, lectureId), runId, { followRuns: false });
  };
  const stopRun = async (workflowId: string): Promise<void> => {
    const handle = client.workflow.getHandle(workflowId, undefined, { followRuns: false });
    try {
      await call(() => handle.cancel());
    } catch (error) {
      if (isKind(error, 'not-found')) return;
      throw error;
    }
    try {
      await client.withDeadline(Date.now() + STOP_MS, () => handle.result());
    } catch (error) {
      if (error instanceof WorkflowFailedError) return;
      // A run that does not hear its cancellation (no worker, a stuck one) may not keep a deletion waiting for ever.
      await call(() => handle.terminate('the lecture is being deleted')).catch(unlessEnded);
    }
  };

  return {
    start: (input, metadata, createdAt) => startIngest({ client, call, stopRun }, { input, metadata, createdAt }),

    async get(tenantId, jobId) {
      const handle = handleOf(tenantId, jobId);
      const description = await call(() => handle.describe());
      const progress = await queryProgress(client, () => handle.query<IngestProgress>(PROGRESS_QUERY), description);
      if (toJobState(description.status.name) === 'running') {
        return toRunningJob(jobId, description, progress, await readHeartbeats(client, description));
      }
      return toClosedJob(jobId, description, progress, await toEnding(call(() => handle.result())));
    },

    async list(tenantId, { limit, cursor }) {
      const response = await call(() =>
        client.workflowService.listWorkflowExecutions({
          namespace,
          pageSize: limit,
          query: `LecternTenant = '${tenantId}' AND WorkflowType = '${INGEST_WORKFLOW}'`,
          ...(cursor === undefined ? {} : { nextPageToken: readCursor(cursor) }),
        }),
      );
      const next = response.nextPageToken;
      return {
        jobs: response.executions.flatMap((execution) => toJobSummary(tenantId, execution) ?? []),
        nextCursor: next.length === 0 ? null : writeCursor(next),
      };
    },

    async cancel(tenantId, jobId) {
      const handle = handleOf(tenantId, jobId);
      const { status } = await call(() => handle.describe());
      const state = toJobState(status.name);
      if (state !== 'running')
        throw new LecternError('conflict', `job ${jobId} has ended: ${state}`, { cure: 'There is nothing to cancel.' });
      await call(() => handle.cancel());
    },

    async stop(tenantId, lectureId) {
      await stopRun(ingestWorkflowId(tenantId, lectureId));
      await stopRun(reindexLectureWorkflowId(tenantId, lectureId));
      await stopRun(publishWorkflowId(tenantId, lectureId));
    },

    async health() {
      await call(() => client.workflowService.getSystemInfo({}));
    },
  };
}

/** What a closed run gave, or the error it ended with. That Temporal does not answer says nothing about the run, and is thrown. */
async function toEnding(result: Promise<unknown>): Promise<IngestResult | Error> {
  try {
    return (await result) as IngestResult;
  } catch (error) {
    if (error instanceof LecternError) throw error;
    return error as Error;
  }
}

/** A run that ends by itself just before it is terminated is stopped as well. */
function unlessEnded(error: unknown): void {
  if (!isKind(error, 'not-found')) throw error;
}

const CHECKSUM_BYTES = 8;

/** Temporal's page token behind its checksum: the server takes a mangled token for a fault of its own and is asked again and again. */
function writeCursor(token: Uint8Array): string {
  return Buffer.concat([checksumOf(token), token]).toString('base64url');
}

function readCursor(cursor: string): Uint8Array {
  const bytes = Buffer.from(cursor, 'base64url');
  const token = bytes.subarray(CHECKSUM_BYTES);
  if (bytes.subarray(0, CHECKSUM_BYTES).equals(checksumOf(token))) return token;
  throw new LecternError('invalid-input', 'cursor: not one that a page of jobs gave', { cure: 'Start again without a cursor.' });
}

function checksumOf(token: Uint8Array): Buffer {
  return createHash('sha256').update(token).digest().subarray(0, CHECKSUM_BYTES);
}

/** The stages as the workflow knows them; `undefined` where no worker answers in time. A completed run says it in its result. */
async function queryProgress(
  client: Client,
  query: () => Promise<IngestProgress>,
  description: WorkflowExecutionDescription,
): Promise<IngestProgress | undefined> {
  if (description.status.name === 'COMPLETED') return undefined;
  try {
    return await client.withDeadline(Date.now() + QUERY_MS, query);
  } catch {
    // Progress is a courtesy: without a worker to ask, state and error of the job still stand.
    return undefined;
  }
}
