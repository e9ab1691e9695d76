import { availableParallelism } from 'node:os';
import type { Config } from '../contracts/config.ts';
import { openDiarizer } from '../inference/diarization/onnx-diarizer.ts';
import type { ModelIdentity } from '../inference/model-identity.ts';
import { formatBytes, throttled, type OnFetchProgress } from '../inference/models/model-source.ts';
import { isModelFolder } from '../inference/models/model-folder.ts';
import { findSpeechModel } from '../inference/models/speech-model.ts';
import type { ModelFiles, ModelStore } from '../inference/models/store.ts';
import { requireCudaProvider } from '../inference/onnx/cuda-provider.ts';
import type { Transcriber } from '../inference/transcriber.ts';
import { openSileroDetector } from '../inference/vad/silero.ts';
import { ensureWhisperGraphs } from '../inference/whisper/ensure-graphs.ts';
import { openTranscriber } from '../inference/whisper/onnx-transcriber.ts';
import type { CpuDeps, GpuDeps } from './create-activities.ts';
import type { WorkerLogger } from './logger.ts';
import { createModelShelf } from './model-shelf.ts';
import { createCudaChain } from './open-cuda-chain.ts';
import { openOnce } from './open-once.ts';
import { createTextEncoders } from './text-encoders.ts';

type ModelOpeners = Pick<GpuDeps, 'speechDetector' | 'transcriber' | 'diarizer' | 'embedder' | 'sparseEncoder'> &
  Pick<CpuDeps, 'tokenizer'>;

export interface Models {
  openers: ModelOpeners;
  /** Makes a model folder ready that the configuration names, and looks for CUDA where it is to be used: what cannot run stops the process, not a lecture. */
  prepare(): Promise<void>;
  /** Closes those that were opened. */
  close(): Promise<void>;
}

/** The default models, fetched and verified at their first use, and loaded while their task is the one at hand. */
export function createModels({ config, store, logger }: { config: Config; store: ModelStore; logger: WorkerLogger }): Models {
  const threads = config.LECTERN_THREADS ?? availableParallelism();
  const cacheDir = config.LECTERN_CACHE;
  const shelf = createModelShelf();

  const logFetch = (name: string): OnFetchProgress =>
    throttled(({ file, doneBytes, totalBytes }) => {
      logger.info(
        { model: name, file, doneBytes, totalBytes },
        `fetching ${name}: ${formatBytes(doneBytes)} of ${formatBytes(totalBytes)}`,
      );
    });
  const files = (name: string): Promise<ModelFiles> => store.ensure(name, logFetch(name));
  const encoders = createTextEncoders(config, { find: files, threads: { dense: threads, sparse: threads, both: threads } });
  // Once a process: a folder is known by all of its bytes.
  const speechModel = openOnce(() => findSpeechModel(config.LECTERN_ASR_MODEL, store, logFetch(config.LECTERN_ASR_MODEL)));
  const openOnCpu = (model: ModelFiles): Promise<Transcriber> =>
    openTranscriber({ model, cacheDir, precision: 'int8', threads, beamWidth: config.LECTERN_ASR_BEAM });
  const cudaChain = openOnce(() => {
    const { LECTERN_ASR_MODEL: choice } = config;
    const find = (name: string): Promise<ModelFiles> => (name === choice ? speechModel() : files(name));
    return createCudaChain({ choice, store, cacheDir, threads, find, openOnCpu });
  });
  const place = <T extends { readonly model: ModelIdentity; close(): Promise<void> }>(task: string, what: string, open: () => Promise<T>) =>
    shelf.place(task, async () => {
      const began = performance.now();
      const model = await open();
      logger.info({ seconds: Math.round((performance.now() - began) / 100) / 10 }, `${what} is loaded`);
      return model;
    });

  return {
    openers: {
      speechDetector: place('detectSpeech', 'speech detector', async () =>
        openSileroDetector({ model: await files('silero-vad'), threads }),
      ),
      transcriber: place('transcribe', 'transcriber', async () =>
        config.LECTERN_DEVICE === 'cuda' ? (await cudaChain()).open() : openOnCpu(await speechModel()),
      ),
      diarizer: place('diarize', 'diarizer', async () =>
        openDiarizer({
          models: { segmentation: await files('segmentation-3.0'), campplus: await files('campplus'), silero: await files('silero-vad') },
          cacheDir,
          threads,
        }),
      ),
      embedder: place('embed', 'embedder', encoders.embedder),
      sparseEncoder: place('embed', 'sparse encoder', encoders.sparseEncoder),
      tokenizer: openOnce(encoders.tokenizer),
    },
    async prepare() {
      if (config.LECTERN_DEVICE === 'cuda') requireCudaProvider();
      else if (isModelFolder(config.LECTERN_ASR_MODEL)) await ensureWhisperGraphs(await speechModel(), cacheDir, 'int8');
    },
    close: () => shelf.close(),
  };
}
