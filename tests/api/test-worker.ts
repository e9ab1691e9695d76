import { DefaultLogger, NativeConnection, Runtime, Worker } from '@temporalio/worker';
import { Context } from '@temporalio/activity';
import { ApplicationFailure } from '@temporalio/common';
import { setTimeout as sleep } from 'node:timers/promises';
import type { CpuActivities, GpuActivities, IngestOutcome, StageContext, StageResult } from '../../contracts/ingest.ts';
import { TASK_QUEUES } from '../../contracts/ingest.ts';

// Failures are what some tests are about; the worker need not tell of them too.
Runtime.install({ logger: new DefaultLogger('ERROR') });

export interface TestWorker {
  /** Lectures whose `prepare` waits until it is cancelled. */
  readonly stuck: Set<string>;
  /** Lectures whose `prepare` refuses the recording. */
  readonly refused: Set<string>;
  stop(): Promise<void>;
}

/**
 * The real workflow on a real worker; the stages only name their artifacts, for what the API shows of a run does not
 * depend on what the stages compute. `more` are activities of other workflows.
 */
export async function startTestWorker(
  address: string,
  recordOutcome: (context: StageContext, outcome: IngestOutcome) => Promise<void>,
  more: object = {},
): Promise<TestWorker> {
  const connection = await NativeConnection.connect({ address });
  const stuck = new Set<string>();
  const refused = new Set<string>();
  // Activities hear of a cancellation with their next heartbeat.
  const common = { connection, namespace: 'default', maxHeartbeatThrottleInterval: '1 second' as const };
  const cpu = await Worker.create({
    ...common,
    taskQueue: TASK_QUEUES.cpu,
    workflowsPath: new URL('../../workflows/index.ts', import.meta.url).pathname,
    activities: { ...createCpuStages(stuck, refused, recordOutcome), ...more },
  });
  const gpu = await Worker.create({ ...common, taskQueue: TASK_QUEUES.gpu, activities: createGpuStages() });
  const running = [cpu.run(), gpu.run()];
  return {
    stuck,
    refused,
    async stop() {
      cpu.shutdown();
      gpu.shutdown();
      await Promise.all(running);
      await connection.close();
    },
  };
}

const made = (stage: string): StageResult => ({ artifact: { key: `tenants/none/${stage}.json`, digest: 'd'.repeat(64) }, reused: false });

function createCpuStages(
  stuck: ReadonlySet<string>,
  refused: ReadonlySet<string>,
  recordOutcome: (context: StageContext, outcome: IngestOutcome) => Promise<void>,
): CpuActivities {
  return {
    async prepare({ lectureId }) {
      if (refused.has(lectureId)) throw ApplicationFailure.nonRetryable('this is no recording', 'unsupported-media');
      while (stuck.has(lectureId)) {
        Context.current().heartbeat();
        await Promise.race([sleep(100), Context.current().cancelled]);
      }
      return { ...made('prepare'), durationSeconds: 10 };
    },
    joinTranscription: async () => ({ ...made('transcribe'), language: 'en', words: 3 }),
    align: async () => made('align'),
    chunk: async () => ({ ...made('chunk'), chunks: 1 }),
    contextualize: async () => ({ ...made('contextualize'), contextualized: false }),
    index: async () => ({ generation: 'g1', chunks: 1, reused: false }),
    recordOutcome: async ({ outcome, ...context }) => recordOutcome(context, outcome),
    discardGeneration: async () => undefined,
  };
}

function createGpuStages(): GpuActivities {
  return {
    detectSpeech: async () => ({ ...made('detectSpeech'), pieces: [{ startSeconds: 0, endSeconds: 10 }], speechSeconds: 9 }),
    transcribePiece: async () => ({ ...made('transcribe'), language: 'en', words: 3 }),
    diarize: async () => ({ ...made('diarize'), speakers: 2 }),
    embed: async () => made('embed'),
  };
}
