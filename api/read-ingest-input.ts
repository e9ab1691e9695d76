import type { Client } from '@temporalio/client';
import { decodeArrayFromPayloads } from '@temporalio/common/lib/internal-non-workflow/index.js';
import type { History } from '@temporalio/common/lib/proto-utils.js';
import { ingestWorkflowId } from '../contracts/identity.ts';
import type { IngestInput } from '../contracts/ingest.ts';
import type { Lecture } from '../contracts/lecture.ts';

/** What a run was asked for, from its history; where that is gone, what the lecture document still tells, and the usual options. */
export async function readIngestInput(client: Client, history: History | undefined, lecture: Lecture): Promise<IngestInput> {
  const { tenantId, lectureId } = lecture;
  const payloads = history?.events?.[0]?.workflowExecutionStartedEventAttributes?.input?.payloads;
  if (payloads) {
    const { loadedDataConverter, namespace } = client.options;
    const workflowId = ingestWorkflowId(tenantId, lectureId);
    const [input] = await decodeArrayFromPayloads(loadedDataConverter, payloads, { type: 'workflow', namespace, workflowId });
    return input as IngestInput;
  }
  const { key, sha256, bytes } = lecture.media;
  return { tenantId, lectureId, media: { key, sha256, bytes }, options: { priority: 'normal' } };
}
