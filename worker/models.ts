import { availableParallelism } from 'node:os';
import type { Config } from '../contracts/config.ts';
import { openDiarizer } from '../inference/diarization/onnx-diarizer.ts';
import { formatBytes, throttled } from '../inference/models/model-source.ts';
import type { ModelFiles, ModelStore } from '../inference/models/store.ts';
import { openEmbedder } from '../inference/text/onnx-embedder.ts';
import { openSparseEncoder } from '../inference/text/onnx-sparse-encoder.ts';
import { openTokenizer } from '../inference/text/tokenizer.ts';
import { openSileroDetector } from '../inference/vad/silero.ts';
import { openTranscriber } from '../inference/whisper/onnx-transcriber.ts';
import type { CpuDeps, GpuDeps } from './create-activities.ts';
import type { WorkerLogger } from './logger.ts';
import { openOnce } from './open-once.ts';

type ModelOpeners = Pick<GpuDeps, 'speechDetector' | 'transcriber' | 'diarizer' | 'embedder' | 'sparseEncoder'> &
  Pick<CpuDeps, 'tokenizer'>;

export interface Models {
  openers: ModelOpeners;
  /** Closes those that were opened. */
  close(): Promise<void>;
}

/** The default models, each fetched, verified and loaded at its first use and then kept. */
export function createModels({ config, store, logger }: { config: Config; store: ModelStore; logger: WorkerLogger }): Models {
  const threads = config.LECTERN_THREADS ?? availableParallelism();
  const cacheDir = config.LECTERN_CACHE;
  const opened: { close(): Promise<void> }[] = [];

  const files = (name: string): Promise<ModelFiles> =>
    store.ensure(
      name,
      throttled(({ file, doneBytes, totalBytes }) => {
        logger.info(
          { model: name, file, doneBytes, totalBytes },
          `fetching ${name}: ${formatBytes(doneBytes)} of ${formatBytes(totalBytes)}`,
        );
      }),
    );
  const keep = <T extends { close(): Promise<void> }>(what: string, open: () => Promise<T>) =>
    openOnce(async () => {
      const began = performance.now();
      const model = await open();
      opened.push(model);
      logger.info({ seconds: Math.round((performance.now() - began) / 100) / 10 }, `${what} is loaded`);
      return model;
    });

  return {
    openers: {
      speechDetector: keep('speech detector', async () => openSileroDetector({ model: await files('silero-vad') })),
      transcriber: keep('transcriber', async () =>
        openTranscriber({ model: await files('whisper-base'), cacheDir, precision: 'int8', threads, engines: 1 }),
      ),
      diarizer: keep('diarizer', async () =>
        openDiarizer({ models: { segmentation: await files('segmentation-3.0'), campplus: await files('campplus') }, cacheDir, threads }),
      ),
      embedder: keep('embedder', async () =>
        openEmbedder({ model: await files('minilm-l6-int8'), tokenizer: await files('splade-tiny'), threads }),
      ),
      sparseEncoder: keep('sparse encoder', async () => openSparseEncoder({ model: await files('splade-tiny'), cacheDir, threads })),
      tokenizer: openOnce(async () => openTokenizer(await files('splade-tiny'))),
    },
    close: async () => {
      await Promise.all(opened.map((model) => model.close()));
    },
  };
}
