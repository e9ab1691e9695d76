import * as ort from 'onnxruntime-node';
import { basename } from 'node:path';
import { requireCudaProvider } from './cuda-provider.ts';
import { logInference } from './inference-log.ts';
import { toSessionError } from './session-errors.ts';

export interface SessionOptions {
  /** Threads of one `run`; 1 or more. */
  threads: number;
  /** Where the graph runs. Default `cpu`. `cuda` fails rather than fall back to the CPU. */
  provider?: 'cpu' | 'cuda';
  /** Other sessions work on the same cores at the same time: idle threads sleep instead of spinning. Default false. */
  sharesCores?: boolean;
  /** Where what ran where is written to, `<prefix>_<time>.json`, at the session's `endProfiling`. */
  profilePrefix?: string;
}

const ERRORS_ONLY = 3;
/**
 * onnxruntime's arena rounds what it asks for up to a power of two and keeps its largest moment as long as the session lives; its
 * memory patterns add a block for each shape seen. Without both, the same results take 0.2 GB less for Whisper and 0.1 GB less for the
 * diarizer and the text encoders. Page faults are the price: nothing for Whisper, a tenth to a fifth more processor time for the rest.
 */
const NO_POOL = { enableCpuMemArena: false, enableMemPattern: false };

/**
 * Loads a model for this thread. `run` blocks the thread, so call this from an `*-engine.ts` module only
 * (`worker-host.ts`). Throws `model-missing`, `unavailable` (no such provider here), `out-of-resources` (the device's memory is too
 * small) or `internal`.
 */
export async function openSession(modelPath: string, options: SessionOptions): Promise<ort.InferenceSession> {
  const provider = options.provider ?? 'cpu';
  const startedAt = performance.now();
  ort.env.logLevel = 'error';
  if (provider === 'cuda') requireCudaProvider();
  try {
    const session = await ort.InferenceSession.create(modelPath, {
      executionProviders: [provider],
      intraOpNumThreads: options.threads,
      interOpNumThreads: 1,
      executionMode: 'sequential',
      graphOptimizationLevel: 'all',
      ...NO_POOL,
      logSeverityLevel: ERRORS_ONLY,
      ...(options.profilePrefix === undefined ? {} : { enableProfiling: true, profileFilePrefix: options.profilePrefix }),
      ...(options.sharesCores === true ? { extra: { session: { intra_op: { allow_spinning: '0' } } } } : {}),
    });
    logInference('model loaded', {
      model: basename(modelPath),
      provider,
      threads: options.threads,
      milliseconds: Math.round(performance.now() - startedAt),
    });
    return session;
  } catch (error) {
    throw toSessionError(error, modelPath, provider);
  }
}
