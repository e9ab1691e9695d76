import { parseConfig } from '../contracts/config.ts';
import { createCpuActivities, createGpuActivities } from './create-activities.ts';
import { createReindexActivities } from './create-reindex-activities.ts';
import { createLogger } from './logger.ts';
import { openResources } from './open-resources.ts';
import { openWorkerTelemetry } from './open-telemetry.ts';
import { runProcess } from './run-process.ts';
import { runWorkers } from './run-workers.ts';

// One machine: this process takes the work of both queues.
const config = parseConfig(process.env);
const logger = createLogger(config, 'worker');
await runProcess(logger, async (signal) => {
  const telemetry = await openWorkerTelemetry(config, logger, 'worker');
  const resources = await openResources(config, logger, telemetry.stores);
  try {
    const { deps, dataConverter } = resources;
    await runWorkers({
      config,
      logger,
      cpu: { ...createCpuActivities(deps), ...createReindexActivities(deps) },
      gpu: createGpuActivities(deps),
      dataConverter,
      telemetry,
      signal,
    });
  } finally {
    await resources.close();
    await telemetry.close();
  }
});
