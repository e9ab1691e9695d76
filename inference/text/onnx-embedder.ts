import type { Embedder, TokenEncoder, TokenVectors } from '../embedder.ts';
import type { ModelFiles } from '../models/store.ts';
import { startEngine } from '../onnx/worker-host.ts';
import { toTextBatches, type TextBatch } from './text-batches.ts';
import type { TextEngine, TextEngineInit } from './text-engine.ts';
import { openTokenizer } from './tokenizer.ts';

/** What BERT has positions for. */
const MAX_TOKENS = 512;
/**
 * A bound that no two texts keep: each is run alone, so that padding never changes a digit. Batches of 2 to 16 measured no
 * faster.
 */
const BATCH_TOKENS = 1;
const DIMENSIONS = 384;
/** Length of a token's vector in whole numbers. */
const UNIT = 127;

export interface EmbedderDeps {
  /** Holds `model.onnx` with the output `last_hidden_state` `[texts, tokens, 384]`. */
  model: ModelFiles;
  /** Holds the `tokenizer.json` that the model was trained with. */
  tokenizer: ModelFiles;
  threads: number;
}

/**
 * Sentence-Transformers' all-MiniLM-L6-v2: the mean of the last hidden states over the tokens, made unit length. The
 * same text always gives the same vector.
 */
export async function openEmbedder({ model, tokenizer: tokenizerFiles, threads }: EmbedderDeps): Promise<Embedder & TokenEncoder> {
  const tokenizer = await openTokenizer(tokenizerFiles);
  const init: TextEngineInit = { modelPath: model.path('model.onnx'), threads };
  const engine = await startEngine<TextEngine>(new URL('text-engine.ts', import.meta.url), init);
  return {
    model: { ...model.identity, precision: 'int8' },
    dimensions: DIMENSIONS,
    async embed(texts, signal) {
      const encoded = texts.map((text) => tokenizer.encode(text, MAX_TOKENS));
      const vectors: Float32Array[] = Array.from({ length: texts.length });
      for (const batch of toTextBatches(encoded, BATCH_TOKENS)) {
        signal?.throwIfAborted();
        const { data } = await engine.run(batch);
        for (const [row, position] of batch.positions.entries()) vectors[position] = poolMean(data, batch, row);
      }
      return vectors;
    },
    async encodeTokens(texts, signal) {
      const encoded: TokenVectors[] = [];
      for (const text of texts) {
        signal?.throwIfAborted();
        const [batch] = toTextBatches([tokenizer.encode(text, MAX_TOKENS)], BATCH_TOKENS);
        const { data } = await engine.run(batch!);
        encoded.push(toTokenVectors(data));
      }
      return encoded;
    },
    close: () => engine.close(),
  };
}

/** Last hidden states `[tokens, 384]` made unit length, without those of the opening and the closing token. */
function toTokenVectors(states: Float32Array): TokenVectors {
  const tokens = states.length / DIMENSIONS - 2;
  const vectors = new Int8Array(tokens * DIMENSIONS);
  for (let token = 0; token < tokens; token++) {
    const state = states.subarray((token + 1) * DIMENSIONS, (token + 2) * DIMENSIONS);
    const unit = UNIT / (Math.hypot(...state) || 1);
    for (let d = 0; d < DIMENSIONS; d++) vectors[token * DIMENSIONS + d] = Math.round(state[d]! * unit);
  }
  return { tokens, vectors };
}

/** Mean over the tokens that are no padding, scaled to length 1. */
function poolMean(states: Float32Array, { tokens, mask }: TextBatch, row: number): Float32Array {
  const mean = new Float32Array(DIMENSIONS);
  for (let token = 0; token < tokens; token++) {
    if (mask[row * tokens + token] === 0n) continue;
    const start = (row * tokens + token) * DIMENSIONS;
    for (let d = 0; d < DIMENSIONS; d++) mean[d]! += states[start + d]!;
  }
  const length = Math.hypot(...mean) || 1;
  return mean.map((value) => value / length);
}
