import { cpSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { findBgeM3, openBgeM3 } from '../../inference/text/onnx-bge-m3.ts';
import { openTokenizer } from '../../inference/text/tokenizer.ts';
import { openRerankerFolder } from '../../inference/text/reranker-folder.ts';

interface Golden {
  texts: { text: string; ids: number[]; dense: number[]; sparse: Record<string, number> }[];
  pairs: { query: string; passage: string; ids: number[]; score: number }[];
}

/** Made by `make_xlm_roberta.py` with transformers. */
const folders = join(import.meta.dirname, '../golden/xlm-roberta');
const golden = JSON.parse(readFileSync(join(folders, 'golden.json'), 'utf8')) as Golden;

let work: string;
beforeEach(() => {
  work = mkdtempSync(join(tmpdir(), 'lectern-xlm-roberta-'));
});
afterEach(() => rmSync(work, { recursive: true, force: true }));

/** A copy to be spoilt. */
function copy(name: string): string {
  const dir = join(work, name);
  cpSync(join(folders, name), dir, { recursive: true });
  return dir;
}

function patchConfig(dir: string, values: Record<string, unknown>): void {
  const path = join(dir, 'config.json');
  writeFileSync(path, JSON.stringify({ ...(JSON.parse(readFileSync(path, 'utf8')) as object), ...values }));
}

describe('a Unigram tokenizer', () => {
  const open = () => openTokenizer({ identity: { name: 'miniature', revision: '1' }, path: (file) => join(folders, 'reranker', file) });

  it('gives the ids of the reference, of texts and of pairs', async () => {
    const tokenizer = await open();
    for (const { text, ids } of golden.texts) expect(tokenizer.encode(text, 64).ids).toEqual(ids);
    for (const { query, passage, ids } of golden.pairs) expect(tokenizer.encode(query, 64, passage).ids).toEqual(ids);
  });

  it('knows which ids are no text', async () => {
    const { specialIds, vocabularySize } = await open();
    expect([...specialIds]).toEqual([0, 1, 2, 3]);
    expect(vocabularySize).toBe(57);
  });
});

describe('a cross-encoder in a folder', () => {
  it('scores pairs as transformers does, alone and padded among others', async () => {
    const reranker = await openRerankerFolder(join(folders, 'reranker'), work, 1);
    for (const { query, passage, score } of golden.pairs) expect((await reranker.score(query, [passage]))[0]).toBeCloseTo(score, 4);
    const [first] = golden.pairs;
    const together = await reranker.score(first!.query, [first!.passage.repeat(3), 'a', first!.passage]);
    expect(together[2]).toBeCloseTo(first!.score, 4);
    await reranker.close();
  });

  it('reads pairs up to the positions that it has', async () => {
    const reranker = await openRerankerFolder(join(folders, 'reranker'), work, 1);
    const [long, longer] = await reranker.score('a', ['zero '.repeat(100), 'zero '.repeat(200)]);
    expect(long).toBeCloseTo(longer!, 5);
    await reranker.close();
  });

  it.each<[string, (dir: string) => void, RegExp]>([
    ['without a tokenizer', (dir) => rmSync(join(dir, 'tokenizer.json')), /there is no tokenizer\.json/],
    ['without weights', (dir) => rmSync(join(dir, 'model.safetensors')), /holds no weights/],
    ['of another activation', (dir) => patchConfig(dir, { hidden_act: 'relu' }), /hidden_act/],
    ['with heads that do not divide the width', (dir) => patchConfig(dir, { num_attention_heads: 3 }), /heads do not divide the width/],
    ['of another width', (dir) => patchConfig(dir, { hidden_size: 64 }), /57 x 32, config\.json says 64 wide/],
    [
      'with a tokenizer of more tokens',
      (dir) => patchConfig(dir, { vocab_size: 50 }),
      /tokenizer\.json has 57 tokens, the weights have 50/,
    ],
  ])('%s is refused by name', async (_, spoil, message) => {
    const dir = copy('reranker');
    spoil(dir);
    await expect(openRerankerFolder(dir, work, 1)).rejects.toMatchObject({
      kind: expect.stringMatching(/^(model-missing|invalid-input)$/) as string,
      message: expect.stringMatching(message) as string,
      cure: expect.stringContaining('LECTERN_RERANKER') as string,
    });
  });

  it('without a classifier is refused by name', async () => {
    await expect(openRerankerFolder(join(folders, 'bge-m3'), work, 1)).rejects.toThrow(/bge-m3 cannot be used: .*classifier\.dense/);
  });
});

describe('BGE-M3 in a folder', () => {
  const open = async (dir = join(folders, 'bge-m3')) => openBgeM3(await findBgeM3(dir), work, 1);
  const texts = golden.texts.map(({ text }) => text);

  it('gives the dense and sparse vectors that the reference gives', async () => {
    const { embedder, sparseEncoder, close } = await open();
    const [dense, sparse] = await Promise.all([embedder.embed(texts), sparseEncoder.encode(texts)]);
    for (const [at, expected] of golden.texts.entries()) {
      for (const [d, value] of expected.dense.entries()) expect(dense[at]![d]).toBeCloseTo(value, 4);
      expect(sparse[at]!.indices).toEqual(Object.keys(expected.sparse).map(Number));
      for (const [term, value] of Object.values(expected.sparse).entries()) expect(sparse[at]!.values[term]).toBeCloseTo(value, 4);
    }
    expect(embedder.dimensions).toBe(32);
    await close();
  });

  it('reads a text to the positions that it has, and many texts in their order', async () => {
    const { embedder, sparseEncoder, close } = await open();
    const [long, longer] = await embedder.embed(['zero '.repeat(100), 'zero '.repeat(200)]);
    expect(long).toEqual(longer);
    const many = Array.from({ length: 150 }, (_, index) => texts[index % texts.length]!.repeat(1 + (index % 3)));
    const vectors = await embedder.embed(many);
    for (const [at, vector] of (await embedder.embed(many.toReversed())).toReversed().entries()) expect(vectors[at]).toEqual(vector);
    expect(await sparseEncoder.encode([])).toEqual([]);
    await close();
  });

  it('stops when it is told to', async () => {
    const { embedder, close } = await open();
    await expect(embedder.embed(['a'], AbortSignal.abort(new Error('enough')))).rejects.toThrow('enough');
    await close();
  });

  it('is another model as soon as one of its files is another', async () => {
    const dir = copy('bge-m3');
    const { identity } = (await findBgeM3(dir)).model;
    expect((await findBgeM3(join(folders, 'bge-m3'))).model.identity).toEqual(identity);
    patchConfig(dir, { layer_norm_eps: 1e-6 });
    expect((await findBgeM3(dir)).model.identity.revision).not.toBe(identity.revision);
  });

  it.each<[string, (dir: string) => void, RegExp]>([
    ['without the sparse head', (dir) => rmSync(join(dir, 'sparse_linear.pt')), /there is no sparse_linear\.pt/],
    ['of another kind', (dir) => patchConfig(dir, { model_type: 'bert' }), /config\.json is not of an XLM-RoBERTa .*model_type/],
    ['with a configuration that is no JSON', (dir) => writeFileSync(join(dir, 'config.json'), '{'), /config\.json is not JSON/],
    [
      'with a sparse head that is something else',
      (dir) => cpSync(join(dir, 'config.json'), join(dir, 'sparse_linear.pt')),
      /sparse_linear\.pt/,
    ],
    ['with weights that are cut off', (dir) => truncateSync(join(dir, 'pytorch_model.bin'), 50_000), /pytorch_model\.bin/],
    ['that is not there', (dir) => rmSync(dir, { recursive: true }), /there is no config\.json/],
  ])('%s is refused by name', async (_, spoil, message) => {
    const dir = copy('bge-m3');
    spoil(dir);
    await expect(open(dir)).rejects.toMatchObject({
      kind: expect.stringMatching(/^(model-missing|invalid-input)$/) as string,
      message: expect.stringMatching(message) as string,
      cure: expect.stringContaining('LECTERN_EMBEDDER') as string,
    });
    await expect(open(dir)).rejects.toThrow(`the embedder in ${dir} cannot be used`);
  });
});
