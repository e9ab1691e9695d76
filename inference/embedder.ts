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

/** A vector for each token of a text, special ones left out, in one byte a component: for late interaction. */
export interface TokenVectors {
  tokens: number;
  /** Unit vectors times 127, `[tokens, dimensions]`. */
  vectors: Int8Array;
}

/** Text to token vectors. */
export interface TokenEncoder {
  readonly model: ModelIdentity;
  /** Texts over the model's length are cut. */
  encodeTokens(texts: readonly string[], signal?: AbortSignal): Promise<TokenVectors[]>;
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
