import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { parseConfig, type Config } from '../../contracts/config.ts';
import { QueryRequestSchema } from '../../contracts/query.ts';
import { openIndex } from '../../worker/open-index.ts';
import { openQueries } from '../../worker/open-queries.ts';
import { createTextEncoders } from '../../worker/text-encoders.ts';
import { toChunk, toLectureId } from './sample-chunks.ts';

// BGE-M3 in miniature, of random weights: what it finds means nothing, but a passage asked for in its own words comes first.
const BGE_M3 = join(import.meta.dirname, '../golden/xlm-roberta/bge-m3');
const TENANT = 'own-uni';
const TEXTS = ['the cell divides and the nucleus divides with it', 'a matrix has an inverse', 'la mitose est la division du noyau'];
const silent = { warn: () => undefined, error: () => undefined };

let folder: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'lectern-embedder-folder-'));
  const config = configWith(BGE_M3);
  const encoders = createTextEncoders(config, {
    find: () => Promise.reject(new Error('not needed')),
    threads: { dense: 1, sparse: 1, both: 1 },
  });
  const [embedder, sparseEncoder] = await Promise.all([encoders.embedder(), encoders.sparseEncoder()]);
  const [dense, sparse] = await Promise.all([embedder.embed(TEXTS), sparseEncoder.encode(TEXTS)]);
  await embedder.close();
  await sparseEncoder.close();
  const index = await openIndex(config, { isWarmed: false });
  const chunks = TEXTS.map((text, ordinal) => toChunk(ordinal, { text, dense: dense[ordinal]!, sparse: sparse[ordinal]! }));
  await index.writeChunks(TENANT, { lectureId: toLectureId(1) }, 'g1', chunks);
  await index.activate(TENANT, { lectureId: toLectureId(1) }, 'g1', chunks.length, null);
  await index.close();
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function configWith(embedder: string, more: Record<string, string> = {}): Config {
  const environment = { LECTERN_DATA: folder, LECTERN_CACHE: join(folder, 'cache'), LECTERN_EMBEDDER: embedder, LECTERN_OFFLINE: '1' };
  return parseConfig({ ...environment, ...more });
}

async function ask(config: Config, question: string) {
  const index = await openIndex(config, { isWarmed: true });
  const queries = openQueries(config, silent, index, null);
  try {
    return await queries.query(TENANT, QueryRequestSchema.parse({ question, answer: false }));
  } finally {
    await queries.close();
    await index.close();
  }
}

it.each(TEXTS)('questions are answered with the model that LECTERN_EMBEDDER names, alone: %s', async (text) => {
  const { hits } = await ask(configWith(BGE_M3), text);
  expect(hits[0]).toMatchObject({
    text,
    legs: { dense: { rank: 1, score: expect.closeTo(1, 4) as number }, sparse: { rank: expect.any(Number) as number } },
  });
});

it('chunks are measured by its tokenizer', async () => {
  const { tokenizer } = createTextEncoders(configWith(BGE_M3), {
    find: () => Promise.reject(new Error('not needed')),
    threads: { dense: 1, sparse: 1, both: 1 },
  });
  expect((await tokenizer()).count('the cell divides')).toBe(7);
});

it('questions are refused as soon as the folder holds another model', async () => {
  const other = join(folder, 'other');
  cpSync(BGE_M3, other, { recursive: true });
  const config = join(other, 'config.json');
  writeFileSync(config, readFileSync(config, 'utf8').replace('1e-05', '1e-06'));
  await expect(ask(configWith(other), TEXTS[0]!)).rejects.toMatchObject({
    kind: 'conflict',
    message: expect.stringMatching(/holds vectors of bge-m3@\w+, LECTERN_EMBEDDER makes those of other@\w+/) as string,
    cure: expect.stringContaining('ingest the lectures again') as string,
  });
});

it('late interaction is refused: it has no token vectors', async () => {
  await expect(ask(configWith(BGE_M3, { LECTERN_RERANKER: 'late-interaction' }), TEXTS[0]!)).rejects.toThrow(
    'LECTERN_RERANKER: bge-m3 gives no token vectors',
  );
});
