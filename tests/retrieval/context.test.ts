import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { toPassageTexts } from '../../activities/passage-text.ts';
import type { QueryResponse } from '../../contracts/query.ts';
import { toLanguageModel, type GenerateRequest } from '../../inference/language-model.ts';
import { createAnswerer } from '../../retrieval/answer.ts';
import { createQueryService } from '../../retrieval/query.ts';
import { createSearcher } from '../../retrieval/search.ts';
import { openSqliteVectorIndex } from '../../retrieval/sqlite/sqlite-vector-index.ts';
import type { IndexedChunk, VectorIndex } from '../../retrieval/vector-index.ts';
import { createBagEmbedder } from './bag-embedder.ts';
import { toLectureId } from './sample-chunks.ts';

// What situates a passage is nobody's speech: a canary in it must lead to the passage and never come out again.
const CANARY = 'zygomorphic';
const SPOKEN = [
  { text: 'It has only one plane of symmetry, as in orchids.', context: `Flowers that are ${CANARY}.` },
  { text: 'Roots take up water from the soil around them.', context: null },
  { text: 'Leaves lose water to the air on a warm day.', context: null },
];

const encoder = createBagEmbedder();
let folder: string;
let index: VectorIndex;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lectern-context-'));
  index = await openSqliteVectorIndex({ path: join(folder, 'index.db') });
  const chunks = SPOKEN.map(({ text }, ordinal) => {
    const words = text
      .split(' ')
      .map((word, at) => ({ text: word, startSeconds: ordinal * 10 + at / 2, endSeconds: ordinal * 10 + at / 2 + 0.4, confidence: 1 }));
    return { ordinal, speaker: 'S1', text, tokens: words.length, words, startSeconds: ordinal * 10, endSeconds: ordinal * 10 + 5 };
  });
  const texts = toPassageTexts(chunks, { model: null, contexts: SPOKEN.map(({ context }) => context) });
  const [dense, sparse] = [await encoder.embed(texts), await encoder.encode(texts)];
  const rows = chunks.map((chunk, at): IndexedChunk => ({
    ...chunk,
    context: SPOKEN[at]!.context,
    dense: dense[at]!,
    sparse: sparse[at]!,
  }));
  const entry = { lectureId: toLectureId(1), title: 'Plants' };
  await index.writeChunks('t', entry, 'g1', rows);
  await index.activate('t', entry, 'g1', rows.length, null);
});
afterAll(async () => {
  await index.close();
  await rm(folder, { recursive: true });
});

async function ask(question: string, onPrompt?: (request: GenerateRequest) => string): Promise<QueryResponse> {
  const languageModel =
    onPrompt === undefined
      ? null
      : toLanguageModel({
          name: 'test/model',
          health: () => Promise.resolve(),
          async *stream(request) {
            request.onModel?.('test/model');
            yield onPrompt(request);
          },
        });
  const searcher = createSearcher({ index, embedder: encoder, sparseEncoder: encoder });
  const service = createQueryService({ index, searcher, answerer: createAnswerer({ embedder: encoder, languageModel }), languageModel });
  return service.query('t', { question, limit: 3, filters: {}, answer: true });
}

describe('the context of a passage', () => {
  it('leads to the passage', async () => {
    const { hits } = await ask(`${CANARY} flowers`);
    expect(hits[0]!.text).toBe(SPOKEN[0]!.text);
    expect(Object.keys(hits[0]!.legs).toSorted()).toEqual(['bm25', 'dense', 'sparse']);
  });

  it('is shown in no hit, no extractive answer and no citation', async () => {
    const { hits, answer } = await ask(`Which flowers are ${CANARY}, with one plane of symmetry?`);
    expect(JSON.stringify({ hits, answer })).not.toContain(CANARY);
    for (const { quote } of answer!.citations) expect(SPOKEN.some(({ text }) => text.includes(quote))).toBe(true);
  });

  it('is not what a language model answers from', async () => {
    const prompts: string[] = [];
    const { answer } = await ask('Which flowers have one plane of symmetry?', ({ system, prompt }) => {
      prompts.push(`${system}\n${prompt}`);
      return 'Flowers with one plane of symmetry, as orchids [p1].';
    });
    expect(prompts.length).toBeGreaterThan(0);
    expect(prompts.join('\n')).not.toContain(CANARY);
    for (const { quote } of answer!.citations) expect(quote).not.toContain(CANARY);
  });
});
