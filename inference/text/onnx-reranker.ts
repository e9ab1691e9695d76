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

/** How a model's graph is made. */
export interface CrossEncoderGraph {
  version: number;
  /** Longest pair that it reads, special tokens included. */
  maxTokens: number;
  /** Writes a graph from a pair's tokens to `scores` `[texts, 1]`. */
  write(path: string): Promise<void>;
}

export interface RerankerDeps {
  /** Holds `tokenizer.json` and what the graph is built from: without `graph`, `model.safetensors` (BERT with a pooler and a classifier of one label). */
  model: ModelFiles;
  graph?: CrossEncoderGraph;
  cacheDir: string;
  threads: number;
}

/** A cross-encoder (Nogueira and Cho 2019): reads the query and a passage together; slower than comparing vectors, and closer. */
export async function openReranker({ model, graph = bertGraph(model), cacheDir, threads }: RerankerDeps): Promise<Reranker> {
  const tokenizer = await openTokenizer(model);
  const id = { model: model.identity.name, revision: model.identity.revision, precision: 'fp32', builder: graph.version };
  const dir = await ensureGraph(cacheDir, id, (folder) => graph.write(join(folder, 'cross-encoder.onnx')));
  const init: TextEngineInit = { modelPath: join(dir, 'cross-encoder.onnx'), threads };
  const engine = await startEngine<TextEngine>(new URL('text-engine.ts', import.meta.url), init);
  return {
    model: { ...model.identity, precision: 'fp32' },
    async score(query, passages, signal) {
      const pairs = passages.map((passage) => tokenizer.encode(query, graph.maxTokens, passage));
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

function bertGraph(model: ModelFiles): CrossEncoderGraph {
  return {
    version: BERT_GRAPH_VERSION,
    maxTokens: MAX_TOKENS,
    async write(path) {
      const weights = openSafetensors(model.path('model.safetensors'));
      try {
        await buildCrossEncoderGraph(weights).write(path);
      } finally {
        weights.close();
      }
    },
  };
}
