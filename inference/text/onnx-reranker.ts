import { join } from 'node:path';
import type { Reranker } from '../embedder.ts';
import { BERT_GRAPH_VERSION, buildCrossEncoderGraph } from '../graphs/bert.ts';
import { ensureGraph } from '../onnx/graph-cache.ts';
import type { ModelFiles } from '../models/store.ts';
import { startEngine } from '../onnx/worker-host.ts';
import { openSafetensors } from '../weights/safetensors.ts';
import { toTextBatches } from './text-batches.ts';
import type { TextEngine, TextEngineInit } from './text-engine.ts';
import { openTokenizer } from './tokenizer.ts';

const MAX_TOKENS = 512;
/** Padded tokens of one run: 16 pairs of 256 tokens, so that cancelling is prompt. */
const BATCH_TOKENS = 4096;

export interface RerankerDeps {
  /** Holds `model.safetensors` (BERT with a pooler and a classifier of one label) and `tokenizer.json`. */
  model: ModelFiles;
  cacheDir: string;
  threads: number;
}

/** A cross-encoder (Nogueira and Cho 2019): reads the query and a passage together; slower than comparing vectors, and closer. */
export async function openReranker({ model, cacheDir, threads }: RerankerDeps): Promise<Reranker> {
  const tokenizer = await openTokenizer(model);
  const id = { model: model.identity.name, revision: model.identity.revision, precision: 'fp32', builder: BERT_GRAPH_VERSION };
  const dir = await ensureGraph(cacheDir, id, (folder) => writeGraph(model.path('model.safetensors'), join(folder, 'cross-encoder.onnx')));
  const init: TextEngineInit = { modelPath: join(dir, 'cross-encoder.onnx'), threads };
  const engine = await startEngine<TextEngine>(new URL('text-engine.ts', import.meta.url), init);
  return {
    model: { ...model.identity, precision: 'fp32' },
    async score(query, passages, signal) {
      const pairs = passages.map((passage) => tokenizer.encode(query, MAX_TOKENS, passage));
      const scores: number[] = Array.from({ length: passages.length });
      for (const batch of toTextBatches(pairs, BATCH_TOKENS)) {
        signal?.throwIfAborted();
        const { data } = await engine.run(batch);
        for (const [row, position] of batch.positions.entries()) scores[position] = data[row]!;
      }
      return scores;
    },
    close: () => engine.close(),
  };
}

async function writeGraph(weightsPath: string, graphPath: string): Promise<void> {
  const weights = openSafetensors(weightsPath);
  try {
    await buildCrossEncoderGraph(weights).write(graphPath);
  } finally {
    weights.close();
  }
}
