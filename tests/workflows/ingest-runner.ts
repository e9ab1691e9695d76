import { Client, Connection, type WorkflowHandleWithFirstExecutionRunId } from '@temporalio/client';
import type { DataConverter } from '@temporalio/common';
import { DefaultLogger, NativeConnection, Runtime, Worker, type WorkerOptions } from '@temporalio/worker';
import { parseConfig } from '../../contracts/config.ts';
import { toIngestStartOptions } from '../../contracts/ingest-start.ts';
import type { CpuActivities, GpuActivities, IngestInput, IngestResult } from '../../contracts/ingest.ts';
import { INGEST_WORKFLOW, TASK_QUEUES } from '../../contracts/stages.ts';
import { ensureWorkflowBundle } from '../../worker/workflow-bundle.ts';
import { startTestTemporal } from '../support/temporal-server.ts';

export type IngestHandle = WorkflowHandleWithFirstExecutionRunId<(input: IngestInput) => Promise<IngestResult>>;

export interface IngestRunner {
  client: Client;
  address: string;
  /** Starts a worker of one queue, of today's workflow code or another build; returns how to stop it. */
  startWorker(queue: string, activities: CpuActivities | GpuActivities, build?: Partial<WorkerOptions>): Promise<() => Promise<void>>;
  start(input: IngestInput): Promise<IngestHandle>;
  /** Starts an ingest on workers with these activities, hands it to `work`, and stops the workers after. */
  withIngest<T>(
    activities: { cpu: CpuActivities; gpu: GpuActivities },
    input: IngestInput,
    work: (handle: IngestHandle) => Promise<T>,
  ): Promise<T>;
  close(): Promise<void>;
}

/** Once a process, however many servers it talks to. */
let isInstalled = false;

export interface IngestRunnerOptions {
  /** Database of the server; in memory where it is absent. */
  dbFile?: string;
  /** Settings of the server beside ours. */
  dynamicConfig?: readonly string[];
  /** Of client and workers; absent: encryption is off. */
  dataConverter?: DataConverter;
}

/** A real server, the real bundle and two workers, one a queue: what production runs, with activities of the test's choice. */
export async function startIngestRunner({ dataConverter, ...server }: IngestRunnerOptions = {}): Promise<IngestRunner> {
  if (!isInstalled) Runtime.install({ logger: new DefaultLogger('ERROR') });
  isInstalled = true;
  const temporal = await startTestTemporal(server);
  const converted = dataConverter === undefined ? {} : { dataConverter };
  const workflowBundle = await ensureWorkflowBundle(parseConfig(process.env).LECTERN_CACHE, { isEncrypted: dataConverter !== undefined });
  const native = await NativeConnection.connect({ address: temporal.address });
  const connection = await Connection.connect({ address: temporal.address });
  const client = new Client({ connection, ...converted });

  const startWorker: IngestRunner['startWorker'] = async (taskQueue, activities, build = {}) => {
    const common = { ...converted, connection: native, taskQueue, activities, maxHeartbeatThrottleInterval: 200, shutdownGraceTime: 100 };
    const worker = await Worker.create(taskQueue === TASK_QUEUES.cpu ? { ...common, workflowBundle, ...build } : common);
    const running = worker.run();
    return async () => {
      worker.shutdown();
      await running;
    };
  };
  const start: IngestRunner['start'] = (input) => {
    const options = toIngestStartOptions(input, { course: 'PSY-110', semester: '2026W' });
    return client.workflow.start<(input: IngestInput) => Promise<IngestResult>>(INGEST_WORKFLOW, options);
  };
  return {
    client,
    address: temporal.address,
    startWorker,
    start,
    async withIngest(activities, input, work) {
      const stops = await Promise.all([startWorker(TASK_QUEUES.cpu, activities.cpu), startWorker(TASK_QUEUES.gpu, activities.gpu)]);
      try {
        return await work(await start(input));
      } finally {
        await Promise.all(stops.map((stop) => stop()));
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
