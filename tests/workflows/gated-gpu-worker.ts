import { setTimeout as sleep } from 'node:timers/promises';
import { Context } from '@temporalio/activity';
import { NativeConnection, Worker } from '@temporalio/worker';
import type { GpuActivities, StageContext } from '../../contracts/ingest.ts';
import { TASK_QUEUES } from '../../contracts/stages.ts';
import { createFakeActivities, type FakeOptions } from './fake-activities.ts';
import { until, type IngestHandle } from './ingest-runner.ts';

const GPU_ACTIVITIES: readonly string[] = ['detectSpeech', 'transcribePiece', 'diarize', 'embed'] satisfies (keyof GpuActivities)[];

/** What a piece takes at least: Temporal brings to the queue meanwhile what has been scheduled. Real ones take ten seconds and more. */
const PIECE_MS = 300;

export interface Dispatch extends StageContext {
  activity: string;
}

/** A worker of the GPU queue with its one slot, whose activities end when the test says so: the order of the queue, step by step. */
export interface GatedGpuWorker {
  /** What was handed out, in its order; the last one runs until the next step. */
  readonly dispatched: readonly Dispatch[];
  /** Lets the running activity end and returns when the next one runs. */
  step(): Promise<void>;
  /** The same after the time of a piece. */
  workOn(): Promise<void>;
  /** Lets all go on. */
  open(): void;
  stop(): Promise<void>;
}

export async function startGatedGpuWorker(address: string, options: FakeOptions = {}): Promise<GatedGpuWorker> {
  const connection = await NativeConnection.connect({ address });
  const dispatched: Dispatch[] = [];
  let isOpen = false;
  let release: () => void = () => undefined;
  const gated = Object.entries(createFakeActivities(options).gpu).map(
    ([activity, work]: [string, (input: StageContext) => Promise<unknown>]) => [
      activity,
      async (input: StageContext) => {
        const { tenantId, lectureId } = input;
        const { promise: released, resolve } = Promise.withResolvers<void>();
        release = resolve;
        dispatched.push({ tenantId, lectureId, activity });
        const context = Context.current();
        const beat = setInterval(() => context.heartbeat(), 1_000);
        if (!isOpen) await released;
        clearInterval(beat);
        return work(input);
      },
    ],
  );
  const worker = await Worker.create({
    connection,
    taskQueue: TASK_QUEUES.gpu,
    activities: Object.fromEntries(gated) as GpuActivities,
    maxConcurrentActivityTaskExecutions: 1,
    maxHeartbeatThrottleInterval: '2 seconds',
  });
  const running = worker.run();
  const step = async () => {
    const before = dispatched.length;
    release();
    await until(() => dispatched.length > before);
  };
  return {
    dispatched,
    step,
    async workOn() {
      await sleep(PIECE_MS);
      await step();
    },
    open() {
      isOpen = true;
      release();
    },
    async stop() {
      worker.shutdown();
      await running;
      await connection.close();
    },
  };
}

/** Returns when the run has an activity that waits for the GPU worker: at once, or after others. `false` when the run has ended. */
export async function waitsForGpu(handle: IngestHandle): Promise<boolean> {
  for (;;) {
    const { status, raw } = await handle.describe();
    if (status.name !== 'RUNNING') return false;
    const isWaiting = (raw.pendingActivities ?? []).some(
      ({ activityType, lastStartedTime }) => GPU_ACTIVITIES.includes(activityType?.name ?? '') && (lastStartedTime ?? null) === null,
    );
    if (isWaiting) return true;
    await sleep(20);
  }
}
