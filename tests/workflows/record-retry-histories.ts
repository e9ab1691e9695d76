import { ApplicationFailure } from '@temporalio/common';
import type { BulkRetryInput, RetryActivities } from '../../contracts/retry-workflow.ts';
import { RETRY_WORKFLOW, TASK_QUEUES } from '../../contracts/stages.ts';
import { createFakeActivities } from './fake-activities.ts';
import { ingestInput, until, type IngestRunner } from './ingest-runner.ts';
import { resetToFailedStage } from './reset-to-stage.ts';

/** Saves the history of a run under a name, by which the replay test knows the id that it ran under. */
type Save = (name: string, workflowId: string, runId?: string) => Promise<void>;

const FAILED = [1, 2, 3].map((second) => ({
  jobId: `lec_${second.toString(16).padStart(24, '0')}.00000000-0000-4000-8000-000000000000`,
  closedAt: `2026-11-20T10:00:0${4 - second}.000Z`,
}));
const NOTHING = { retried: 0, refused: 0 };

/** An ingest that was retried, and retries of many: to their end, with one that was refused, and stopped between two. */
export async function recordRetryHistories(runner: IngestRunner, save: Save): Promise<void> {
  await recordRetriedIngest(runner, save);
  const fakes = createFakeActivities();
  const calls: string[] = [];
  const activities: RetryActivities = {
    listFailedJobs: async ({ until: before }) => FAILED.filter(({ closedAt }) => closedAt < before),
    retryJob: async ({ jobId }) => {
      calls.push(jobId);
      return { isRetried: jobId !== FAILED[1]!.jobId };
    },
  };
  const stop = await runner.startWorker(TASK_QUEUES.cpu, { ...fakes.cpu, ...activities });
  const start = (name: string, perMinute: number) => {
    const input: BulkRetryInput = { tenantId: 'demo', filter: {}, perMinute, until: '2026-11-20T11:00:00.000Z', done: [], counts: NOTHING };
    const workflowId = `demo/retry/${name}`;
    return runner.client.workflow.start(RETRY_WORKFLOW, { workflowId, taskQueue: TASK_QUEUES.cpu, args: [input] });
  };
  const all = await start('all', 600);
  await all.result();
  await save('all', all.workflowId);

  calls.length = 0;
  const stopped = await start('stopped', 0.1);
  await until(() => calls.length === 1);
  await stopped.cancel();
  await stopped.result().catch(() => undefined);
  await save('stopped', stopped.workflowId);
  await stop();
}

async function recordRetriedIngest(runner: IngestRunner, save: Save): Promise<void> {
  let isMended = false;
  const fakes = createFakeActivities({
    gpu: {
      embed: async () => {
        if (!isMended) throw ApplicationFailure.nonRetryable('minilm-l6-int8 is not there', 'model-missing');
        return { artifact: { key: 'k', digest: 'e'.repeat(64) }, reused: false };
      },
    },
  });
  await runner.withIngest(fakes, ingestInput(), async (handle) => {
    await handle.result().catch(() => undefined);
    isMended = true;
    await resetToFailedStage(runner.client, handle);
    const again = runner.client.workflow.getHandle(handle.workflowId);
    await again.result();
    await save('ingest', handle.workflowId);
  });
}
