import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { chooseAlignmentHeads } from '../alignment-heads.ts';
import { openWhisperCheckpoint } from '../whisper-checkpoint.ts';
import type { WhisperShape } from '../whisper-interface.ts';
import { WhisperWeights } from '../whisper-weights.ts';
import { buildEncoder } from './encoder.ts';
import type { Floats } from './graph-parts.ts';
import { buildScorer } from './scorer.ts';
import { buildSearch } from './search.ts';

/** Raise with every change that makes other graphs of the same weights: built graphs are kept under it. */
export const WHISPER_CUDA_BUILDER_VERSION = 2;

/**
 * Writes `encoder.onnx`, `search.onnx` and `scorer.onnx` (with their `.data`) and `shape.json` (`WhisperShape`) to `outDir`, from the
 * Whisper in `modelDir`. `endOfText` is the token that ends a text. Takes about 15 s for base and 2.4 times the weights' bytes on disk,
 * of which the decoder's are there twice: sessions cannot share them.
 */
export async function buildWhisperCudaGraphs(modelDir: string, floats: Floats, endOfText: number, outDir: string): Promise<void> {
  const checkpoint = openWhisperCheckpoint(modelDir);
  try {
    const weights = new WhisperWeights(checkpoint.tensors);
    const { decoderLayers: layers, heads, width, melBins, vocabulary, maxTokens } = weights;
    const alignmentHeads = chooseAlignmentHeads({ layers, heads, vocabulary }, checkpoint.alignmentHeads);
    const shape: WhisperShape = {
      layers,
      heads,
      headSize: width / heads,
      melBins,
      vocabulary,
      maxTokens,
      quantized: false,
      alignmentHeads,
    };
    await buildEncoder(weights, floats).write(join(outDir, 'encoder.onnx'));
    await buildSearch(weights, floats, endOfText).write(join(outDir, 'search.onnx'));
    await buildScorer(weights, floats, alignmentHeads).write(join(outDir, 'scorer.onnx'));
    await writeFile(join(outDir, 'shape.json'), `${JSON.stringify(shape)}\n`);
  } finally {
    checkpoint.close();
  }
}
