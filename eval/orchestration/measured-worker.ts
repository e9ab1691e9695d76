/**
 * A worker of both queues whose calls of models and of ffmpeg are written to a file: `node measured-worker.ts real|scripted FILE`.
 * `scripted`: models that answer at once, at the inference interface; all else is what production runs.
 */
import type { LoadableModel } from '../../activities/loadable-model.ts';
import { parseConfig } from '../../contracts/config.ts';
import type { ModelIdentity } from '../../inference/model-identity.ts';
import { createScriptedModels } from '../../tests/workflows/scripted-models.ts';
import { createCpuActivities, createGpuActivities, type CpuDeps, type GpuDeps } from '../../worker/create-activities.ts';
import { createLogger, installTemporalRuntime } from '../../worker/logger.ts';
import { openResources } from '../../worker/open-resources.ts';
import { runProcess } from '../../worker/run-process.ts';
import { runWorkers } from '../../worker/run-workers.ts';
import { logCalls } from './call-log.ts';

const [models, file] = process.argv.slice(2);
if (file === undefined || (models !== 'real' && models !== 'scripted')) throw new Error('measured-worker.ts real|scripted FILE');

const config = parseConfig(process.env);
const logger = createLogger(config, 'worker');
installTemporalRuntime(logger);
await runProcess(logger, async (signal) => {
  const resources = await openResources(config, logger);
  try {
    const deps = withLog({ ...resources.deps, ...(models === 'scripted' ? createScriptedModels() : {}) }, file);
    await runWorkers({ config, logger, cpu: createCpuActivities(deps), gpu: createGpuActivities(deps), signal });
  } finally {
    await resources.close();
  }
});

function withLog(deps: CpuDeps & GpuDeps, callFile: string): CpuDeps & GpuDeps {
  const logged = <Model extends { readonly model: ModelIdentity }>(name: string, model: LoadableModel<Model>): LoadableModel<Model> => ({
    identity: () => model.identity(),
    // Loading is the model's time, too.
    load: async () => logCalls(await logCalls(model, name, callFile).load(), name, callFile),
  });
  return {
    ...deps,
    speechDetector: logged('speechDetector', deps.speechDetector),
    transcriber: logged('transcriber', deps.transcriber),
    diarizer: logged('diarizer', deps.diarizer),
    embedder: logged('embedder', deps.embedder),
    sparseEncoder: logged('sparseEncoder', deps.sparseEncoder),
    media: async () => logCalls(await deps.media(), 'ffmpeg', callFile),
  };
}
