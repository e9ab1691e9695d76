import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { cacheSearches, type CachedSearcher } from '../../retrieval/cache/cached-searcher.ts';
import { createSearcher } from '../../retrieval/search.ts';
import { openSqliteVectorIndex } from '../../retrieval/sqlite/sqlite-vector-index.ts';
import type { IndexedChunk, VectorIndex } from '../../retrieval/vector-index.ts';
import { createBagEmbedder } from './bag-embedder.ts';
import { toChunk, toLectureId } from './sample-chunks.ts';

const encoder = createBagEmbedder();
const lecture = { lectureId: toLectureId(1) };
let folder: string;
let index: VectorIndex;
/** The same file, as the worker has it. */
let worker: VectorIndex;
let searcher: CachedSearcher;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lectern-search-'));
  const path = join(folder, 'index.db');
  [index, worker] = [await openSqliteVectorIndex({ path, isWarmed: true }), await openSqliteVectorIndex({ path })];
  searcher = cacheSearches({ searcher: createSearcher({ index, embedder: encoder, sparseEncoder: encoder }), index });
});
afterEach(async () => {
  await index.close();
  await worker.close();
  await rm(folder, { recursive: true });
});

async function publish(tenant: string, generation: string, texts: string[], previous: string | null = null): Promise<void> {
  const [dense, sparse] = [await encoder.embed(texts), await encoder.encode(texts)];
  const chunks = texts.map((text, at): IndexedChunk => toChunk(at, { text, dense: dense[at]!, sparse: sparse[at]! }));
  await worker.writeChunks(tenant, lecture, generation, chunks);
  await worker.activate(tenant, lecture, generation, chunks.length, previous);
}

async function search(question: string, tenant = 't') {
  return searcher.search(tenant, { question, limit: 5, filters: {} });
}

async function textsFor(question: string, tenant = 't'): Promise<string[]> {
  return (await search(question, tenant)).passages.map(({ hit }) => hit.text);
}

describe('a searcher with a cache', () => {
  it('never answers from a lecture that another process has changed since', async () => {
    await publish('t', 'g1', ['Enzymes fold proteins.']);
    expect(await textsFor('enzymes')).toEqual(['Enzymes fold proteins.']);
    expect(await textsFor('enzymes')).toEqual(['Enzymes fold proteins.']);
    expect(searcher.stats()).toEqual({ hits: 1, misses: 1 });
    await publish('t', 'g2', ['Enzymes cut proteins.'], 'g1');
    expect(await textsFor('enzymes')).toEqual(['Enzymes cut proteins.']);
    await worker.nameSpeaker('t', lecture.lectureId, 'S1', 'Grace');
    expect((await search('enzymes')).passages[0]!.hit.speakerName).toBe('Grace');
    await worker.deleteLecture('t', lecture.lectureId);
    expect(await textsFor('enzymes')).toEqual([]);
    expect(searcher.stats()).toEqual({ hits: 1, misses: 4 });
  });

  it('never gives one tenant what another was given', async () => {
    await publish('left', 'g1', ['Enzymes, on the left.']);
    await publish('right', 'g1', ['Enzymes, on the right.']);
    expect(await textsFor('enzymes', 'left')).toEqual(['Enzymes, on the left.']);
    expect(await textsFor('enzymes', 'right')).toEqual(['Enzymes, on the right.']);
    expect(searcher.stats()).toEqual({ hits: 0, misses: 2 });
  });
});

describe('a phrase in quotation marks', () => {
  beforeEach(() => publish('t', 'g1', ['Gradient descent goes downhill.', 'The descent along the gradient.', 'Sonnets have lines.']));

  it('is held by every passage that is found', async () => {
    const { passages, unheardPhrases } = await search('Who spoke of "gradient descent"?');
    expect(passages.map(({ hit }) => hit.text)).toEqual(['Gradient descent goes downhill.']);
    expect(unheardPhrases).toEqual([]);
  });

  it('that no passage holds is named, and what comes nearest is shown', async () => {
    const { passages, unheardPhrases } = await search('Who spoke of "descent of gradients"?');
    expect(passages.map(({ hit }) => hit.text)).toEqual(expect.arrayContaining(['The descent along the gradient.']));
    expect(unheardPhrases).toEqual(['descent of gradients']);
  });
});
