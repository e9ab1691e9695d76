import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openWhisperCudaModel, type WhisperCudaModel } from '../graphs/whisper-cuda/model.ts';
import { logInference } from '../onnx/inference-log.ts';
import { readPlacements, requirePlacement } from '../onnx/node-placement.ts';
import type { SessionOptions } from '../onnx/open-session.ts';
import { WINDOW_FRAMES } from '../whisper/log-mel.ts';

/**
 * Opens the graphs on CUDA and lets them hear a window of silence: so it shows at once whether the memory suffices
 * (`out-of-resources`), whether cuDNN loads, and, by onnxruntime's own profile, whether all that is heavy runs on the device
 * (`unavailable` where it does not).
 */
export async function openVerified(graphDir: string, options: SessionOptions, endOfText: number): Promise<WhisperCudaModel> {
  const folder = await mkdtemp(join(tmpdir(), 'lectern-placement-'));
  try {
    const model = await openWhisperCudaModel(graphDir, { ...options, profilePrefix: join(folder, 'graph') });
    try {
      await hearSilence(model, endOfText);
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

async function hearSilence(model: WhisperCudaModel, endOfText: number): Promise<void> {
  const { melBins, vocabulary } = model.shape;
  const audio = await model.encode(new Float32Array(melBins * WINDOW_FRAMES), 1);
  const prompts = [[endOfText + 1]];
  // Nothing but the end of text is likely, so that the loop takes a step and is done.
  const bias = new Float32Array(vocabulary).with(endOfText, 1e4);
  const firstBias = new Float32Array(vocabulary);
  await model.search(audio, { prompts, beams: 5, temperature: 0, random: Math.random, firstBias, bias }, endOfText);
  await model.score(audio, [[endOfText + 1, endOfText]], 0, bias);
}
