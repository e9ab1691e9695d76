import type { WorkerOptions } from '@temporalio/worker';
import type { Config } from '../contracts/config.ts';
import { createDiskMetrics } from '../observability/disk-metrics.ts';
import { openTracing } from '../observability/open-tracing.ts';
import { createStoreMetrics, type StoreMetrics } from '../observability/store-metrics.ts';
import { installTemporalRuntime, type WorkerLogger } from './logger.ts';
import { startMetricsServer } from './metrics-server.ts';
import { observeActivities } from './observe-activities.ts';
import { createStageMetrics } from './stage-metrics.ts';
import { readTemporalMetrics, takeMetricsAddress } from './temporal-metrics.ts';

/** How a worker process is seen from outside. */
export interface WorkerTelemetry {
  stores: Pick<StoreMetrics, 'meterObjects' | 'meterIndex'>;
  /** What Temporal's workers are told. */
  workerOptions: Pick<WorkerOptions, 'interceptors' | 'sinks'>;
  /** Whether workflows make spans: their bundle then holds what does. */
  isTraced: boolean;
  metricsUrl: string;
  close(): Promise<void>;
}

/** Installs Temporal's runtime, and serves the process's numbers at `LECTERN_METRICS_HOST`. Once a process. Errors: `conflict`. */
export async function openWorkerTelemetry(config: Config, logger: WorkerLogger, process: string): Promise<WorkerTelemetry> {
  const temporalAddress = await takeMetricsAddress();
  installTemporalRuntime(logger, temporalAddress);
  const tracing = await openTracing(config, process);
  const stages = createStageMetrics();
  const stores = createStoreMetrics();
  const disks = createDiskMetrics({ data: config.LECTERN_DATA, cache: config.LECTERN_CACHE });
  const server = await startMetricsServer({
    host: config.LECTERN_METRICS_HOST,
    port: config.LECTERN_METRICS_PORT,
    sources: [stages.metrics, stores.metrics, disks],
    readOthers: () => readTemporalMetrics(temporalAddress),
  });
  logger.info({ url: server.url }, `metrics at ${server.url}`);
  const observed = observeActivities(logger, stages);
  return {
    stores,
    workerOptions: {
      // The span first: what is logged within it is logged under its trace.
      interceptors: { activity: tracing === undefined ? [observed] : [tracing.activities, observed] },
      ...(tracing === undefined ? {} : { sinks: tracing.sinks }),
    },
    isTraced: tracing !== undefined,
    metricsUrl: server.url,
    async close() {
      await server.close();
      await tracing?.close();
    },
  };
}
