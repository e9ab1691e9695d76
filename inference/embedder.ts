import type { SparseVector } from '../contracts/transcript.ts';
import type { ModelIdentity } from './model-identity.ts';

/** The embedder's tokenizer, which also measures chunks. */
export interface TextTokenizer {
  readonly name: string;
  /** Tokens of `text` without special tokens. */
  count(text: string): number;
}

/** Text to unit-length dense vectors. */
export interface Embedder {
  readonly model: ModelIdentity;
  readonly dimensions: number;
  /** One vector of `dimensions` for each text; texts over the model's length are cut. */
  embed(texts: readonly string[], signal?: AbortSignal): Promise<Float32Array[]>;
  close(): Promise<void>;
}

/** Text to learned sparse vectors (SPLADE). */
export interface SparseEncoder {
  readonly model: ModelIdentity;
  encode(texts: readonly string[], signal?: AbortSignal): Promise<SparseVector[]>;
  close(): Promise<void>;
}

/** Relevance of each passage to the query, higher is better; not comparable across queries. */
export interface Reranker {
  readonly model: ModelIdentity;
  score(query: string, passages: readonly string[], signal?: AbortSignal): Promise<number[]>;
  close(): Promise<void>;
}
