import { join } from 'node:path';
import type { SparseVector } from '../../contracts/transcript.ts';
import type { SparseEncoder } from '../embedder.ts';
import { BERT_GRAPH_VERSION, buildSpladeGraph } from '../graphs/bert.ts';
import { ensureGraph } from '../onnx/graph-cache.ts';
import type { ModelFiles } from '../models/store.ts';
import { startEngine } from '../onnx/worker-host.ts';
import { openSafetensors } from '../weights/safetensors.ts';
import { toTextBatches } from './text-batches.ts';
import type { TextEngine, TextEngineInit } from './text-engine.ts';
import { openTokenizer } from './tokenizer.ts';

const MAX_TOKENS = 512;
/** The head makes 30,522 values a token: 256 tokens are 31 MB, a few times over, while they last. */
const BATCH_TOKENS = 256;
/** Terms kept of a text; the rest are many and weigh next to nothing. */
const MAX_TERMS = 256;

export interface SparseEncoderDeps {
  /** Holds `model.safetensors` (BERT with its MLM head) and `tokenizer.json`. */
  model: ModelFiles;
  cacheDir: string;
  threads: number;
}

/** SPLADE (Formal et al. 2021): a weight for each term of the vocabulary, `max over tokens of log(1 + relu(logit))`. */
export async function openSparseEncoder({ model, cacheDir, threads }: SparseEncoderDeps): Promise<SparseEncoder> {
  const tokenizer = await openTokenizer(model);
  const id = { model: model.identity.name, revision: model.identity.revision, precision: 'fp32', builder: BERT_GRAPH_VERSION };
  const dir = await ensureGraph(cacheDir, id, (folder) => writeGraph(model.path('model.safetensors'), join(folder, 'splade.onnx')));
  const init: TextEngineInit = { modelPath: join(dir, 'splade.onnx'), threads };
  const engine = await startEngine<TextEngine>(new URL('text-engine.ts', import.meta.url), init);
  return {
    model: { ...model.identity, precision: 'fp32' },
    async encode(texts, signal) {
      const encoded = texts.map((text) => tokenizer.encode(text, MAX_TOKENS));
      const vectors: SparseVector[] = Array.from({ length: texts.length });
      for (const batch of toTextBatches(encoded, BATCH_TOKENS)) {
        signal?.throwIfAborted();
        const { data, dims } = await engine.run(batch);
        const vocabulary = dims[1] ?? 0;
        for (const [row, position] of batch.positions.entries()) {
          vectors[position] = keepHeaviest(data.subarray(row * vocabulary, (row + 1) * vocabulary), MAX_TERMS);
        }
      }
      return vectors;
    },
    close: () => engine.close(),
  };
}

async function writeGraph(weightsPath: string, graphPath: string): Promise<void> {
  const weights = openSafetensors(weightsPath);
  try {
    await buildSpladeGraph(weights).write(graphPath);
  } finally {
    weights.close();
  }
}

/** The `most` largest positive weights, by ascending index. */
export function keepHeaviest(weights: Float32Array, most: number): SparseVector {
  const found: number[] = [];
  for (let index = 0; index < weights.length; index++) if (weights[index]! > 0) found.push(index);
  const kept = found.sort((a, b) => weights[b]! - weights[a]! || a - b).slice(0, most);
  const indices = kept.sort((a, b) => a - b);
  return { indices, values: indices.map((index) => weights[index]!) };
}
