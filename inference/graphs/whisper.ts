import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { chooseAlignmentHeads, type AlignmentHead } from './alignment-heads.ts';
import type { Precision } from './linear.ts';
import { openWhisperCheckpoint } from './whisper-checkpoint.ts';
import { buildWhisperDecoder } from './whisper-decoder.ts';
import { buildWhisperEncoder } from './whisper-encoder.ts';
import type { WhisperShape } from './whisper-interface.ts';
import { WhisperWeights } from './whisper-weights.ts';

/** Raise with every change that makes other graphs of the same weights: built graphs are kept under it. */
export const WHISPER_GRAPH_BUILDER_VERSION = 5;

/**
 * Writes `encoder.onnx`, `decoder.onnx` (with their `.data`) and `shape.json` (`WhisperShape`) to `outDir`, from the Whisper in
 * `modelDir` (`whisper-checkpoint.ts`). About 3 s for base.
 */
export async function buildWhisperGraphs(modelDir: string, precision: Precision, outDir: string): Promise<void> {
  const checkpoint = openWhisperCheckpoint(modelDir);
  try {
    const weights = new WhisperWeights(checkpoint.tensors);
    const shape = toShape(weights, precision, checkpoint.alignmentHeads);
    await buildWhisperEncoder(weights, precision).write(join(outDir, 'encoder.onnx'));
    await buildWhisperDecoder(weights, precision, shape.alignmentHeads).write(join(outDir, 'decoder.onnx'));
    await writeFile(join(outDir, 'shape.json'), `${JSON.stringify(shape)}\n`);
  } finally {
    checkpoint.close();
  }
}

function toShape(weights: WhisperWeights, precision: Precision, configured: readonly AlignmentHead[] | undefined): WhisperShape {
  const { decoderLayers: layers, heads, width, melBins, vocabulary, maxTokens } = weights;
  const alignmentHeads = chooseAlignmentHeads({ layers, heads, vocabulary }, configured);
  return { layers, heads, headSize: width / heads, melBins, vocabulary, maxTokens, quantized: precision === 'int8', alignmentHeads };
}
