import { Client, Connection, type WorkflowHandle } from '@temporalio/client';
import { DefaultLogger, NativeConnection, Runtime, Worker } from '@temporalio/worker';
import { parseConfig } from '../../contracts/config.ts';
import { toIngestStartOptions } from '../../contracts/ingest-start.ts';
import type { CpuActivities, GpuActivities, IngestInput, IngestResult } from '../../contracts/ingest.ts';
import { INGEST_WORKFLOW, TASK_QUEUES } from '../../contracts/stages.ts';
import { ensureWorkflowBundle } from '../../worker/workflow-bundle.ts';
import { startTestTemporal } from '../support/temporal-server.ts';

/** `never` in the signature: nothing but the workflow's name crosses from the client. */
export type IngestHandle = WorkflowHandle<(input: IngestInput) => Promise<IngestResult>>;

export interface IngestRunner {
  client: Client;
  address: string;
  /** Starts an ingest on workers with these activities, hands it to `work`, and stops the workers after. */
  withIngest<T>(
    activities: { cpu: CpuActivities; gpu: GpuActivities },
    input: IngestInput,
    work: (handle: IngestHandle) => Promise<T>,
  ): Promise<T>;
  close(): Promise<void>;
}

/** A real server, the real bundle and two workers, one a queue: what production runs, with activities of the test's choice. */
export async function startIngestRunner(): Promise<IngestRunner> {
  Runtime.install({ logger: new DefaultLogger('ERROR') });
  const temporal = await startTestTemporal();
  const workflowBundle = await ensureWorkflowBundle(parseConfig(process.env).LECTERN_CACHE);
  const native = await NativeConnection.connect({ address: temporal.address });
  const connection = await Connection.connect({ address: temporal.address });
  const client = new Client({ connection });

  return {
    client,
    address: temporal.address,
    async withIngest(activities, input, work) {
      const common = { connection: native, maxHeartbeatThrottleInterval: 200, shutdownGraceTime: 100 };
      const workers = await Promise.all([
        Worker.create({ ...common, taskQueue: TASK_QUEUES.cpu, workflowBundle, activities: activities.cpu }),
        Worker.create({ ...common, taskQueue: TASK_QUEUES.gpu, activities: activities.gpu }),
      ]);
      const running = workers.map((worker) => worker.run());
      try {
        const options = toIngestStartOptions(input, { course: 'PSY-110', semester: '2026W' });
        const handle = await client.workflow.start<(input: IngestInput) => Promise<IngestResult>>(INGEST_WORKFLOW, options);
        return await work(handle);
      } finally {
        for (const worker of workers) worker.shutdown();
        await Promise.all(running);
      }
    },
    async close() {
      await connection.close();
      await native.close();
      await temporal.stop();
    },
  };
}

let made = 0;

/** An input with a lecture id of its own. */
export function ingestInput(options: Partial<IngestInput['options']> = {}): IngestInput {
  made += 1;
  const lectureId = `lec_${made.toString(16).padStart(24, '0')}`;
  return {
    tenantId: 'demo',
    lectureId,
    media: { key: `tenants/demo/lectures/${lectureId}/media/original`, sha256: 'a'.repeat(64), bytes: 1_000 },
    options: { priority: 'normal', ...options },
  };
}

export async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 20));
}
