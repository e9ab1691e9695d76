import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openWhisperCudaModel, type WhisperCudaModel } from '../graphs/whisper-cuda/model.ts';
import { logInference } from '../onnx/inference-log.ts';
import { readPlacements, requirePlacement } from '../onnx/node-placement.ts';
import type { SessionOptions } from '../onnx/open-session.ts';
import { WINDOW_FRAMES } from '../whisper/log-mel.ts';

interface Trial {
  /** Windows at once. */
  maxBatch: number;
  endOfText: number;
}

/**
 * Opens the graphs on CUDA and lets them hear `maxBatch` windows of silence: so it shows at once whether the memory suffices
 * (`out-of-resources`), whether cuDNN loads, and, by onnxruntime's own profile, whether all that is heavy runs on the device
 * (`unavailable` where it does not).
 */
export async function openVerified(graphDir: string, options: SessionOptions, trial: Trial): Promise<WhisperCudaModel> {
  const folder = await mkdtemp(join(tmpdir(), 'lectern-placement-'));
  try {
    const model = await openWhisperCudaModel(graphDir, { ...options, profilePrefix: join(folder, 'graph') });
    try {
      await hearSilence(model, trial);
      model.endProfiling();
      const placements = await readPlacements(folder);
      requirePlacement(placements, options.provider === 'cuda' ? 'CUDAExecutionProvider' : 'CPUExecutionProvider');
      const milliseconds = placements.reduce((sum, placement) => sum + placement.milliseconds, 0);
      logInference('every heavy operator ran where it should', {
        provider: options.provider ?? 'cpu',
        milliseconds: Math.round(milliseconds),
      });
      return model;
    } catch (error) {
      await model.close();
      throw error;
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function hearSilence(model: WhisperCudaModel, { maxBatch, endOfText }: Trial): Promise<void> {
  const { melBins, vocabulary } = model.shape;
  const audio = await model.encode(new Float32Array(maxBatch * melBins * WINDOW_FRAMES), maxBatch);
  const prompts = Array.from({ length: maxBatch }, () => [endOfText + 1]);
  // Nothing but the end of text is likely, so that the loop takes a step and is done.
  const bias = new Float32Array(vocabulary).with(endOfText, 1e4);
  await model.search(
    audio,
    { prompts, beams: 5, temperature: 0, random: () => 0, firstBias: new Float32Array(vocabulary), bias },
    endOfText,
  );
  await model.score(
    audio,
    prompts.map((prompt) => [...prompt, endOfText]),
    0,
    bias,
  );
}
