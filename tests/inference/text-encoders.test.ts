import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseConfig } from '../../contracts/config.ts';
import type { Embedder, SparseEncoder, TokenEncoder } from '../../inference/embedder.ts';
import { openModelStore, toModelStoreOptions } from '../../inference/models/store.ts';
import { openEmbedder } from '../../inference/text/onnx-embedder.ts';
import { openSparseEncoder } from '../../inference/text/onnx-sparse-encoder.ts';
import { openTokenizer, type ModelTokenizer } from '../../inference/text/tokenizer.ts';

interface Golden {
  texts: string[];
  ids: number[][];
  pair: { texts: [string, string]; ids: number[]; typeIds: number[] };
  dense: number[][];
  sparse: { terms: number; top: [number, number][] }[];
}

/** Made by `make_text_encoders.py` with tokenizers, onnxruntime and torch. */
const golden = JSON.parse(readFileSync(new URL('../golden/text-encoders.json', import.meta.url), 'utf8')) as Golden;

let tokenizer: ModelTokenizer;
let embedder: Embedder & TokenEncoder;
let sparseEncoder: SparseEncoder;

beforeAll(async () => {
  const config = parseConfig(process.env);
  const store = await openModelStore(toModelStoreOptions(config));
  const splade = await store.ensure('splade-tiny');
  tokenizer = await openTokenizer(splade);
  embedder = await openEmbedder({ model: await store.ensure('minilm-l6-int8'), tokenizer: splade, threads: 2 });
  sparseEncoder = await openSparseEncoder({ model: splade, cacheDir: config.LECTERN_CACHE, threads: 2 });
});

afterAll(async () => {
  await Promise.all([embedder.close(), sparseEncoder.close()]);
});

describe('the tokenizer', () => {
  it("gives the ids of Python's tokenizers", () => {
    expect(golden.texts.map((text) => tokenizer.encode(text, 512).ids)).toEqual(golden.ids);
  });

  it('marks the second text of a pair', () => {
    const { texts, ids, typeIds } = golden.pair;
    expect(tokenizer.encode(texts[0], 512, texts[1])).toEqual({ ids, typeIds });
  });

  it('counts without special tokens and cuts with the closing one', () => {
    expect(tokenizer.count(golden.texts[0]!)).toBe(golden.ids[0]!.length - 2);
    expect(tokenizer.encode(golden.texts[0]!, 4).ids).toEqual([...golden.ids[0]!.slice(0, 3), golden.ids[0]!.at(-1)]);
  });
});

describe('the embedder', () => {
  it('gives the vectors of the reference, each text alone', async () => {
    for (const [position, text] of golden.texts.entries()) {
      const [vector] = await embedder.embed([text]);
      for (const [d, value] of golden.dense[position]!.entries()) expect(vector![d]!).toBeCloseTo(value, 3);
    }
  });

  it('gives the same vector to the same text, whatever its company', async () => {
    const vectors = await embedder.embed(golden.texts);
    for (const [position, vector] of vectors.entries()) {
      expect(vector).toHaveLength(embedder.dimensions);
      expect(Math.hypot(...vector)).toBeCloseTo(1, 5);
      expect(vector).toEqual((await embedder.embed([golden.texts[position]!]))[0]);
    }
  });

  it('takes texts of no words and of thousands', async () => {
    const vectors = await embedder.embed(['', 'word '.repeat(3000)]);
    for (const vector of vectors) expect(Math.hypot(...vector)).toBeCloseTo(1, 5);
  });

  it('stops between batches when told to', async () => {
    await expect(embedder.embed(['never'], AbortSignal.abort(new Error('enough')))).rejects.toThrow('enough');
  });
});

describe('the token encoder', () => {
  it('gives a unit vector for each token but the special ones, nearest to the same word in another sentence', async () => {
    const [question, passage] = await embedder.encodeTokens(['enzymes rest', 'what enzymes do at night']);
    expect([question!.tokens, passage!.tokens]).toEqual(['enzymes rest', 'what enzymes do at night'].map((text) => tokenizer.count(text)));
    const tokenOf = (vectors: Int8Array, token: number): number[] => Array.from(vectors.subarray(token * 384, (token + 1) * 384));
    for (let token = 0; token < passage!.tokens; token++) expect(Math.hypot(...tokenOf(passage!.vectors, token))).toBeCloseTo(127, -1);
    const asked = tokenOf(question!.vectors, 0);
    const products = Array.from({ length: passage!.tokens }, (_, token) =>
      tokenOf(passage!.vectors, token).reduce((sum, value, d) => sum + value * asked[d]!, 0),
    );
    expect(products.indexOf(Math.max(...products))).toBe(1);
  });

  it('cuts long texts and stops when told to', async () => {
    const [vectors] = await embedder.encodeTokens(['word '.repeat(3000)]);
    expect(vectors!.tokens).toBe(510);
    await expect(embedder.encodeTokens(['never'], AbortSignal.abort(new Error('enough')))).rejects.toThrow('enough');
  });
});

describe('the sparse encoder', () => {
  it('gives the weights of the reference, also in a batch of other lengths', async () => {
    const vectors = await sparseEncoder.encode(golden.texts);
    for (const [position, { indices, values }] of vectors.entries()) {
      const { top, terms } = golden.sparse[position]!;
      expect(indices).toHaveLength(Math.min(terms, 256));
      const weights = new Map(indices.map((index, at) => [index, values[at]!]));
      for (const [index, value] of top) expect(weights.get(index)).toBeCloseTo(value, 3);
    }
  });

  it('keeps the heaviest 256 terms, by ascending index', async () => {
    const [vector] = await sparseEncoder.encode([golden.texts.join(' ').repeat(20)]);
    expect(vector!.indices.length).toBeLessThanOrEqual(256);
    expect(vector!.indices).toEqual(vector!.indices.toSorted((a, b) => a - b));
    expect(Math.min(...vector!.values)).toBeGreaterThan(0);
  });
});
