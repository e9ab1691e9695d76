import { parseConfig } from '../contracts/config.ts';
import { createGpuActivities } from '../worker/create-activities.ts';
import { createLogger, installTemporalRuntime } from '../worker/logger.ts';
import { openResources } from '../worker/open-resources.ts';
import { runProcess } from '../worker/run-process.ts';
import { runWorkers } from '../worker/run-workers.ts';

// A machine with an accelerator: activities of `lectern-gpu` and no workflows.
const config = parseConfig(process.env);
const logger = createLogger(config, 'gpu-worker');
installTemporalRuntime(logger);
await runProcess(logger, async (signal) => {
  const resources = await openResources(config, logger);
  try {
    await runWorkers({ config, logger, gpu: createGpuActivities(resources.deps), signal });
  } finally {
    await resources.close();
  }
});
