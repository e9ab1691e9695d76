import { parseConfig } from '../contracts/config.ts';
import { createGpuActivities } from '../worker/create-activities.ts';
import { createLogger } from '../worker/logger.ts';
import { openResources } from '../worker/open-resources.ts';
import { openWorkerTelemetry } from '../worker/open-telemetry.ts';
import { runProcess } from '../worker/run-process.ts';
import { runWorkers } from '../worker/run-workers.ts';

// A machine with an accelerator: activities of `lectern-gpu` and no workflows.
const config = parseConfig(process.env);
const logger = createLogger(config, 'gpu-worker');
await runProcess(logger, async (signal) => {
  const telemetry = await openWorkerTelemetry(config, logger, 'gpu-worker');
  const resources = await openResources(config, logger, telemetry.stores);
  try {
    await runWorkers({
      config,
      logger,
      gpu: createGpuActivities(resources.deps),
      dataConverter: resources.dataConverter,
      telemetry,
      signal,
    });
  } finally {
    await resources.close();
    await telemetry.close();
  }
});
