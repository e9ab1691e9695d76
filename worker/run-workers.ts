import { setTimeout as sleep } from 'node:timers/promises';
import type { DataConverter } from '@temporalio/common';
import { NativeConnection, Worker, type WorkerOptions } from '@temporalio/worker';
import type { Config } from '../contracts/config.ts';
import { LecternError, toLecternError } from '../contracts/errors.ts';
import type { CpuActivities, GpuActivities } from '../contracts/ingest.ts';
import { TASK_QUEUES } from '../contracts/stages.ts';
import { introduceBuild, pinnedTo } from './deployment.ts';
import type { WorkerLogger } from './logger.ts';
import type { WorkerTelemetry } from './open-telemetry.ts';
import { ensureSearchAttributes } from './search-attributes.ts';
import { chooseCpuSlots, readMachine } from './slots.ts';
import { ensureWorkflowBundle } from './workflow-bundle.ts';

/** A worker that starts beside Temporal waits this long for it. */
const CONNECT_TRIES = 30;
const CONNECT_PAUSE_MS = 2_000;

const COMMON = {
  // Heartbeats carry cancellations: without this they would be held back for 24 s of their 30 s timeout.
  maxHeartbeatThrottleInterval: '4 seconds',
  // A piece in the making may end; what takes longer is started again elsewhere.
  shutdownGraceTime: '10 seconds',
  shutdownForceTime: '14 seconds',
} satisfies Partial<WorkerOptions>;

export interface RunWorkersOptions {
  config: Config;
  logger: WorkerLogger;
  /** Absent: this process leaves that queue to others. */
  cpu?: CpuActivities;
  gpu: GpuActivities;
  /** Of `openDataConverter`; absent: encryption is off. */
  dataConverter?: DataConverter | undefined;
  /** Absent: nobody looks at this process. */
  telemetry?: Pick<WorkerTelemetry, 'workerOptions' | 'isTraced'>;
  /** Ends the workers, gently. */
  signal: AbortSignal;
}

/** Runs a worker for each queue on one connection until `signal`, or until one of them fails. */
export async function runWorkers({ config, logger, cpu, gpu, dataConverter, telemetry, signal }: RunWorkersOptions): Promise<void> {
  const namespace = config.TEMPORAL_NAMESPACE;
  const connection = await connect(config.TEMPORAL_ADDRESS ?? `127.0.0.1:${config.LECTERN_TEMPORAL_PORT}`, logger, signal);
  try {
    await ensureSearchAttributes(connection, namespace);
    const common = { ...COMMON, ...telemetry?.workerOptions, connection, namespace, ...(dataConverter && { dataConverter }) };
    const kind = { isTraced: telemetry?.isTraced ?? false, isEncrypted: dataConverter !== undefined };
    const bundle = cpu === undefined ? undefined : await ensureWorkflowBundle(config.LECTERN_CACHE, kind);
    const isPinned = config.LECTERN_UPGRADES === 'pinned';
    const workers = await Promise.all([
      ...(cpu === undefined || bundle === undefined
        ? []
        : [createCpuWorker({ ...common, ...(isPinned && pinnedTo(bundle)) }, bundle, cpu)]),
      // Inference takes all threads it is given: a second task would only slow the first and double the memory.
      Worker.create({ ...common, taskQueue: TASK_QUEUES.gpu, activities: gpu, maxConcurrentActivityTaskExecutions: 1 }),
    ]);
    const ended = new AbortController();
    const stop = () => {
      ended.abort();
      for (const worker of workers) if (worker.getState() === 'RUNNING') worker.shutdown();
    };
    const running = workers.map((worker) => worker.run().finally(stop));
    if (isPinned && bundle !== undefined) {
      const introduced = introduceBuild(connection, { namespace, ...bundle, logger, signal: ended.signal });
      // Where new runs are not told to begin here, none would.
      running.push(
        introduced.catch((error: unknown) => {
          stop();
          throw error;
        }),
      );
    }
    signal.addEventListener('abort', stop, { once: true });
    // Told to stop while it started: nobody says it again.
    if (signal.aborted) stop();
    logger.info({ queues: workers.map((worker) => worker.options.taskQueue) }, 'workers are running');
    // One that fails takes the others along: half a process would look healthy. They share the connection, which must not close
    // before the last has ended: its complaint would hide the reason.
    const failure = (await Promise.allSettled(running)).find((ending) => ending.status === 'rejected');
    if (failure !== undefined) throw failure.reason;
  } finally {
    await connection.close();
  }
}

async function createCpuWorker(
  common: Omit<WorkerOptions, 'taskQueue'>,
  workflowBundle: { codePath: string },
  activities: CpuActivities,
): Promise<Worker> {
  return Worker.create({
    ...common,
    workflowBundle,
    taskQueue: TASK_QUEUES.cpu,
    activities,
    maxConcurrentActivityTaskExecutions: chooseCpuSlots(readMachine()),
    maxCachedWorkflows: 100,
    // Eager tasks would bypass the queue, and with it priority and fairness.
    maxEagerActivityReservationsPerWorkflowTask: 0,
  });
}

async function connect(address: string, logger: WorkerLogger, signal: AbortSignal): Promise<NativeConnection> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await NativeConnection.connect({ address });
    } catch (error) {
      const { message } = toLecternError(error);
      if (tries === CONNECT_TRIES || signal.aborted) {
        throw new LecternError('unavailable', `no Temporal server at ${address}: ${message}`, {
          cure: 'Start it, or set TEMPORAL_ADDRESS to where it runs.',
          cause: error,
        });
      }
      logger.warn({ address, tries }, `Temporal is not there yet: ${message}`);
      await sleep(CONNECT_PAUSE_MS);
    }
  }
}
