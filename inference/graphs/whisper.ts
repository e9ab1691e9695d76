import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { LecternError } from '../../contracts/errors.ts';
import { openCTranslate2 } from '../weights/ctranslate2.ts';
import type { Precision } from './linear.ts';
import { buildWhisperDecoder } from './whisper-decoder.ts';
import { buildWhisperEncoder } from './whisper-encoder.ts';
import type { WhisperShape } from './whisper-interface.ts';
import { WhisperWeights } from './whisper-weights.ts';

/** Raise with every change that makes other graphs of the same weights: built graphs are kept under it. */
export const WHISPER_GRAPH_BUILDER_VERSION = 2;

const ConfigSchema = z.object({
  alignment_heads: z.array(z.tuple([z.number().int().nonnegative(), z.number().int().nonnegative()])).optional(),
});

/**
 * Writes `encoder.onnx`, `decoder.onnx` (with their `.data`) and `shape.json` (`WhisperShape`) to `outDir`, from
 * `model.bin` and `config.json` (CTranslate2, any Whisper) in `modelDir`. About 3 s for base.
 */
export async function buildWhisperGraphs(modelDir: string, precision: Precision, outDir: string): Promise<void> {
  const config = ConfigSchema.safeParse(JSON.parse(await readFile(join(modelDir, 'config.json'), 'utf8')));
  if (!config.success) throw new LecternError('invalid-input', `weights: config.json of ${modelDir} has no usable alignment heads`);
  const file = openCTranslate2(join(modelDir, 'model.bin'));
  try {
    const weights = new WhisperWeights(file);
    const shape = toShape(weights, config.data.alignment_heads);
    await buildWhisperEncoder(weights, precision).write(join(outDir, 'encoder.onnx'));
    await buildWhisperDecoder(weights, precision, shape.alignmentHeads).write(join(outDir, 'decoder.onnx'));
    await writeFile(join(outDir, 'shape.json'), `${JSON.stringify(shape)}\n`);
  } finally {
    file.close();
  }
}

function toShape(weights: WhisperWeights, alignmentHeads: [number, number][] | undefined): WhisperShape {
  const { decoderLayers: layers, heads, width, melBins, vocabulary, maxTokens } = weights;
  const chosen = alignmentHeads ?? upperHeads(layers, heads);
  const unknown = chosen.find(([layer, head]) => layer >= layers || head >= heads);
  if (unknown !== undefined)
    throw new LecternError('invalid-input', `weights: config.json names head ${unknown.join('/')}, which is not there`);
  return { layers, heads, headSize: width / heads, melBins, vocabulary, maxTokens, alignmentHeads: chosen };
}

/** Whisper's own default where nobody has measured: every head of the upper half of the layers. */
function upperHeads(layers: number, heads: number): [number, number][] {
  const upper = Array.from({ length: layers - Math.floor(layers / 2) }, (_, index) => Math.floor(layers / 2) + index);
  return upper.flatMap((layer) => Array.from({ length: heads }, (_, head): [number, number] => [layer, head]));
}
