import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
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
