/**
 * The worker process with scripted models in the place of the real ones: all else (stores, workers, activities, ffmpeg) is what
 * `worker/main.ts` runs. Configured by the environment as that is; arguments: the journal of inferences, milliseconds a piece.
 */
import { parseConfig } from '../../contracts/config.ts';
import { createCpuActivities, createGpuActivities } from '../../worker/create-activities.ts';
import { createLogger, installTemporalRuntime } from '../../worker/logger.ts';
import { openResources } from '../../worker/open-resources.ts';
import { runProcess } from '../../worker/run-process.ts';
import { runWorkers } from '../../worker/run-workers.ts';
import { createFaultModels } from './fault-models.ts';

const [journal = '', pieceMs = '0'] = process.argv.slice(2);
const config = parseConfig(process.env);
const logger = createLogger(config, 'fault-worker');
installTemporalRuntime(logger);
await runProcess(logger, async (signal) => {
  const resources = await openResources(config, logger);
  try {
    const deps = { ...resources.deps, ...(await createFaultModels({ journal, pieceMs: Number(pieceMs) })) };
    await runWorkers({ config, logger, cpu: createCpuActivities(deps), gpu: createGpuActivities(deps), signal });
  } finally {
    await resources.close();
  }
});
