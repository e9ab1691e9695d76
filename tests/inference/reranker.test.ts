import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Reranker } from '../../inference/embedder.ts';
import { openReranker } from '../../inference/text/onnx-reranker.ts';
import { openRerankerFolder } from '../../inference/text/reranker-folder.ts';
import { toFoundPassage, toStageContext } from '../../retrieval/found-passage.fixture.ts';
import { createCrossEncoderStage } from '../../retrieval/rerank/cross-encoder.ts';

/** Scores by torch (`make_bert_heads.py`) of two pairs, on weights by the formula below and a vocabulary `w0`, `w1`, ... */
const golden = JSON.parse(await readFile(new URL('../golden/bert-heads.json', import.meta.url), 'utf8')) as {
  shapes: [string, number[]][];
  scores: [number, number];
};
const VOCABULARY = ['[PAD]', '[CLS]', '[SEP]', '[UNK]', ...Array.from({ length: 46 }, (_, index) => `w${index + 4}`)];

let folder: string;
let reranker: Reranker;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lectern-reranker-'));
  await writeFile(join(folder, 'model.safetensors'), toSafetensors());
  await writeFile(join(folder, 'tokenizer.json'), JSON.stringify(toTokenizer()));
  const model = { identity: { name: 'by-formula', revision: '1' }, path: (file: string) => join(folder, file) };
  reranker = await openReranker({ model, cacheDir: folder, threads: 1 });
});
afterAll(async () => {
  await reranker.close();
  await rm(folder, { recursive: true, force: true });
});

it('scores a query with a passage as the reference does', async () => {
  const [first, second] = golden.scores;
  expect((await reranker.score('w7 w9', ['w30 w31 w32']))[0]).toBeCloseTo(first, 4);
  expect((await reranker.score('w8', ['w40']))[0]).toBeCloseTo(second, 4);
});

it('gives scores in the order of the passages, whatever their lengths and their neighbours', async () => {
  const passages = ['w30 w31 w32', 'w40', 'w5 w6', ''];
  const together = await reranker.score('w7 w9', passages);
  for (const [index, passage] of passages.entries()) {
    const [alone = Number.NaN] = await reranker.score('w7 w9', [passage]);
    expect(together[index]).toBeCloseTo(alone, 4);
  }
  expect(await reranker.score('w7', [])).toEqual([]);
});

it('stops when it is told to', async () => {
  await expect(reranker.score('w7', ['w8'], AbortSignal.abort(new Error('enough')))).rejects.toThrow('enough');
});

it('is opened from a folder, which LECTERN_RERANKER may name', async () => {
  const opened = await openRerankerFolder(folder, folder, 1);
  expect((await opened.score('w7 w9', ['w30 w31 w32']))[0]).toBeCloseTo(golden.scores[0], 4);
  await opened.close();
  await expect(openRerankerFolder(join(folder, 'nowhere'), folder, 1)).rejects.toMatchObject({
    kind: 'model-missing',
    message: expect.stringContaining('nowhere'),
    cure: expect.stringContaining('LECTERN_RERANKER'),
  });
});

it('ranks the first ten passages of a search, and leaves the rest behind them', async () => {
  const texts = Array.from({ length: 12 }, (_, index) => `w${index + 30} w${index + 5}`);
  const passages = texts.map((text, ordinal) => toFoundPassage(text, { ordinal }));
  const scores = await reranker.score('w7 w9', texts);
  const byScore = [...texts.keys()].slice(0, 10).sort((a, b) => scores[b]! - scores[a]!);
  const ranked = await createCrossEncoderStage(reranker).run(passages, toStageContext({ question: 'w7 w9' }));
  const order = ranked.map(({ chunk }) => chunk.ordinal);
  // The worst of the ten gains nothing and is level with those that nobody read: ties stay as they were.
  expect(order).toEqual([...byScore, 10, 11]);
});

function toSafetensors(): Buffer {
  const header: Record<string, unknown> = {};
  const parts: Buffer[] = [];
  let offset = 0;
  for (const [ordinal, [name, shape]] of golden.shapes.entries()) {
    const size = shape.reduce((product, dim) => product * dim, 1);
    const data = Float32Array.from({ length: size }, (_, i) => 0.3 * Math.sin((i + 1) * (ordinal + 3) * 0.7));
    header[name] = { dtype: 'F32', shape, data_offsets: [offset, offset + data.byteLength] };
    parts.push(Buffer.from(data.buffer));
    offset += data.byteLength;
  }
  const json = Buffer.from(JSON.stringify(header));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(json.length));
  return Buffer.concat([length, json, ...parts]);
}

function toTokenizer(): unknown {
  const special = (id: string, typeId: number): unknown => ({ SpecialToken: { id, type_id: typeId } });
  const text = (id: string, typeId: number): unknown => ({ Sequence: { id, type_id: typeId } });
  const single = [special('[CLS]', 0), text('A', 0), special('[SEP]', 0)];
  return {
    version: '1.0',
    added_tokens: [],
    normalizer: { type: 'BertNormalizer', clean_text: true, handle_chinese_chars: true, strip_accents: null, lowercase: true },
    pre_tokenizer: { type: 'BertPreTokenizer' },
    post_processor: {
      type: 'TemplateProcessing',
      single,
      pair: [...single, text('B', 1), special('[SEP]', 1)],
      special_tokens: { '[CLS]': { id: '[CLS]', ids: [1], tokens: ['[CLS]'] }, '[SEP]': { id: '[SEP]', ids: [2], tokens: ['[SEP]'] } },
    },
    decoder: { type: 'WordPiece', prefix: '##', cleanup: true },
    model: {
      type: 'WordPiece',
      unk_token: '[UNK]',
      continuing_subword_prefix: '##',
      max_input_chars_per_word: 100,
      vocab: Object.fromEntries(VOCABULARY.map((token, id) => [token, id])),
    },
  };
}
