import { dirname } from 'node:path';
import { buildWhisperCudaGraphs, WHISPER_CUDA_BUILDER_VERSION } from '../graphs/whisper-cuda/build.ts';
import type { ModelFiles } from '../models/store.ts';
import { requireCudaProvider } from '../onnx/cuda-provider.ts';
import { ensureGraph } from '../onnx/graph-cache.ts';
import { startEngine } from '../onnx/worker-host.ts';
import type { Transcriber } from '../transcriber.ts';
import { createTranscriber } from '../whisper/onnx-transcriber.ts';
import type { WhisperEngine } from '../whisper/whisper-engine.ts';
import { readWhisperLanguage } from '../whisper/whisper-folder.ts';
import type { WhisperCudaInit } from './cuda-engine.ts';

/** Windows at once where there is room: cross-attention of large-v3 takes 246 MB for each. */
const MAX_BATCH = 8;

export interface CudaTranscriberDeps {
  /** Whisper in the form of CTranslate2 or of Hugging Face. */
  model: ModelFiles;
  /** Built graphs are kept below it. */
  cacheDir: string;
  /** `cpu` runs the same graphs in float32 on the CPU, to compare: much slower than `openTranscriber`. */
  provider: 'cuda' | 'cpu';
  /** CPU threads of the CPU provider. */
  threads: number;
}

/**
 * Whisper with its decoding loop on a CUDA device. The first start on a machine writes the graphs. Throws `unavailable` where CUDA does
 * not load or does not take the work, `out-of-resources` where the device's memory is too small for this model.
 */
export async function openCudaTranscriber({ model, cacheDir, provider, threads }: CudaTranscriberDeps): Promise<Transcriber> {
  if (provider === 'cuda') requireCudaProvider();
  const precision = provider === 'cuda' ? 'fp16' : 'fp32';
  const modelDir = dirname(model.path('config.json'));
  const { tokenizer } = await readWhisperLanguage(modelDir);
  const id = { model: `${model.identity.name}-cuda`, revision: model.identity.revision, precision, builder: WHISPER_CUDA_BUILDER_VERSION };
  const graphDir = await ensureGraph(cacheDir, id, (dir) =>
    buildWhisperCudaGraphs(modelDir, precision === 'fp16' ? 'float16' : 'float32', tokenizer.special.endOfText, dir),
  );
  const init: WhisperCudaInit = { graphDir, modelDir, provider, threads };
  const engine = await startEngine<WhisperEngine>(new URL('cuda-engine.ts', import.meta.url), init);
  return createTranscriber([engine], { model: { ...model.identity, precision }, maxBatch: MAX_BATCH });
}
