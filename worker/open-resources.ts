import { join } from 'node:path';
import type { DataConverter } from '@temporalio/common';
import type { Config } from '../contracts/config.ts';
import { SAMPLE_RATE } from '../contracts/media.ts';
import { createLanguageModelContextualizer } from '../inference/language-model-contextualizer.ts';
import { openLanguageModels } from '../inference/llm/open-language-models.ts';
import { openModelStore, toModelStoreOptions } from '../inference/models/store.ts';
import { inferenceLog, type InferenceLogEntry } from '../inference/onnx/inference-log.ts';
import { createMediaTool } from '../media/ffmpeg.ts';
import { findFfmpeg } from '../media/find-ffmpeg.ts';
import { measureWaveform } from '../media/waveform.ts';
import { currentStageAccount } from '../observability/stage-account.ts';
import { createArtifactStore } from '../storage/artifacts.ts';
import { audioKey } from '../storage/keys.ts';
import { createLectureStore } from '../storage/lectures.ts';
import { openObjectStore } from '../storage/open-object-store.ts';
import { openPcmObject } from '../storage/pcm-object-source.ts';
import { createTenantSettingsStore } from '../storage/tenant-settings.ts';
import type { CpuDeps, GpuDeps } from './create-activities.ts';
import type { WorkerLogger } from './logger.ts';
import { openDataConverter } from './encryption/data-converter.ts';
import { createModels } from './models.ts';
import { openIndex } from './open-index.ts';
import { openOnce } from './open-once.ts';
import type { WorkerTelemetry } from './open-telemetry.ts';
import { openSpoolFolder } from './spool-folder.ts';

export interface Resources {
  deps: CpuDeps & GpuDeps;
  /** How to speak with Temporal; `undefined`: encryption is off. */
  dataConverter: DataConverter | undefined;
  close(): Promise<void>;
}

/**
 * Opens what the activities stand on, metered by `stores` where they are given. Stores at once, models and ffmpeg at their first use: a
 * worker without work costs little.
 */
export async function openResources(config: Config, logger: WorkerLogger, stores?: WorkerTelemetry['stores']): Promise<Resources> {
  inferenceLog.subscribe((entry) => {
    const { message, fields } = entry as InferenceLogEntry;
    logger.info(fields, message);
  });
  const openedObjects = await openObjectStore(config);
  const objects = stores?.meterObjects(openedObjects) ?? openedObjects;
  const openedIndex = await openIndex(config, { isWarmed: false });
  const index = stores?.meterIndex(openedIndex) ?? openedIndex;
  const store = await openModelStore({ ...toModelStoreOptions(config), onNotice: (message) => logger.info(message) });
  const models = createModels({ config, store, logger });
  await models.prepare();
  const languageModels = await openLanguageModels(
    config,
    () => Promise.resolve(store),
    (failure) => logger.warn(failure, 'a language model failed'),
  );
  return {
    dataConverter: await openDataConverter(config, objects),
    deps: {
      objects,
      index,
      ...models.openers,
      lectures: createLectureStore(objects),
      settings: createTenantSettingsStore(objects),
      artifacts: createArtifactStore({
        objects,
        onDamaged: (key) => logger.warn({ key }, 'an artifact is damaged: its stage will be computed anew'),
      }),
      media: openOnce(async () => {
        const found = await findFfmpeg({ bundled: async () => (await store.ensure('ffmpeg')).path('ffmpeg') });
        logger.info(found, 'ffmpeg found');
        return createMediaTool({ ffmpegPath: found.path });
      }),
      measureWaveform,
      audioKey,
      async openAudio(key) {
        const audio = await openPcmObject(objects, key);
        const account = currentStageAccount();
        if (account !== undefined) account.audioSeconds = audio.totalSamples / SAMPLE_RATE;
        return audio;
      },
      contextualizer: languageModels === null ? null : createLanguageModelContextualizer(languageModels),
      contextBudget: { seconds: config.LECTERN_CONTEXT_SECONDS, tokens: config.LECTERN_CONTEXT_TOKENS },
      spoolDir: await openSpoolFolder(join(config.LECTERN_DATA, 'spool')),
      maxDurationSeconds: config.LECTERN_MAX_DURATION_SECONDS,
    },
    async close() {
      await languageModels?.close();
      await models.close();
      await index.close();
      await objects.close();
    },
  };
}
