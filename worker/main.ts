import { parseConfig } from '../contracts/config.ts';
import { createCpuActivities, createGpuActivities } from './create-activities.ts';
import { createLogger, installTemporalRuntime } from './logger.ts';
import { openResources } from './open-resources.ts';
import { runProcess } from './run-process.ts';
import { runWorkers } from './run-workers.ts';

// One machine: this process takes the work of both queues.
const config = parseConfig(process.env);
const logger = createLogger(config, 'worker');
installTemporalRuntime(logger);
await runProcess(logger, async (signal) => {
  const resources = await openResources(config, logger);
  try {
    const { deps } = resources;
    await runWorkers({ config, logger, cpu: createCpuActivities(deps), gpu: createGpuActivities(deps), signal });
  } finally {
    await resources.close();
  }
});
