import { NativeConnection, Worker } from '@temporalio/worker';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { parseConfig } from '../../contracts/config.ts';
import type { IngestInput } from '../../contracts/ingest.ts';
import { TASK_QUEUES } from '../../contracts/stages.ts';
import { ensureWorkflowBundle } from '../../worker/workflow-bundle.ts';
import { createFakeActivities } from './fake-activities.ts';
import { ingestInput, startIngestRunner, until, type IngestHandle, type IngestRunner } from './ingest-runner.ts';

const BACKLOG = 8;

let runner: IngestRunner;
beforeAll(async () => {
  runner = await startIngestRunner();
});
afterAll(() => runner.close());

const of = (tenantId: string, input: IngestInput): IngestInput => ({ ...input, tenantId });

/** Workflows run, their activities wait: a backlog as a busy week makes it. */
async function fillQueue(inputs: readonly IngestInput[], connection: NativeConnection): Promise<() => Promise<void>> {
  const workflowBundle = await ensureWorkflowBundle(parseConfig(process.env).LECTERN_CACHE);
  const worker = await Worker.create({ connection, taskQueue: TASK_QUEUES.cpu, workflowBundle });
  const running = worker.run();
  for (const input of inputs) await isWaiting(await runner.start(input));
  return async () => {
    worker.shutdown();
    await running;
  };
}

async function isWaiting(handle: IngestHandle): Promise<void> {
  while (((await handle.describe()).raw.pendingActivities ?? []).length === 0) await new Promise((resolve) => setTimeout(resolve, 20));
}

it('serves a small tenant between the recordings of a large one, and what is urgent before all', async () => {
  const connection = await NativeConnection.connect({ address: runner.address });
  const large = Array.from({ length: BACKLOG }, () => of('large', ingestInput()));
  const small = of('small', ingestInput());
  const urgent = of('large', ingestInput({ priority: 'high' }));
  const stopWorkflows = await fillQueue([...large, small, urgent], connection);

  const order: string[] = [];
  const { cpu } = createFakeActivities();
  const activities = {
    prepare: async (input: Parameters<typeof cpu.prepare>[0]) => {
      order.push(input.lectureId);
      return cpu.prepare(input);
    },
  };
  const worker = await Worker.create({ connection, taskQueue: TASK_QUEUES.cpu, activities, maxConcurrentActivityTaskExecutions: 1 });
  const running = worker.run();
  await until(() => order.length === BACKLOG + 2);
  worker.shutdown();
  await Promise.all([running, stopWorkflows()]);
  await connection.close();

  expect(order.indexOf(urgent.lectureId)).toBe(0);
  // First come, first served would have it after the eight of the other tenant.
  expect(order.indexOf(small.lectureId)).toBeLessThanOrEqual(3);
});
