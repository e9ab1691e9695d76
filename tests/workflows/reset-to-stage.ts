import { randomUUID } from 'node:crypto';
import type { Client } from '@temporalio/client';
import type { IngestHandle } from './ingest-runner.ts';

/**
 * What "Reset" in the Temporal UI does for a failed run: a new run goes on from before the activity that failed for good. Stages
 * before it keep their recorded results.
 */
export async function resetToFailedStage(client: Client, handle: IngestHandle): Promise<void> {
  const { events } = await handle.fetchHistory();
  const failed = events?.find((event) => event.activityTaskFailedEventAttributes)?.activityTaskFailedEventAttributes;
  const scheduled = events?.find((event) => event.eventId?.toString() === failed?.scheduledEventId?.toString());
  const workflowTaskFinishEventId = scheduled?.activityTaskScheduledEventAttributes?.workflowTaskCompletedEventId;
  if (!workflowTaskFinishEventId) throw new Error('no activity of this run has failed');
  await client.workflowService.resetWorkflowExecution({
    namespace: client.options.namespace,
    workflowExecution: { workflowId: handle.workflowId },
    reason: 'the model is there now',
    requestId: randomUUID(),
    workflowTaskFinishEventId,
  });
}
