import type { IndexedChunk } from '../../retrieval/vector-index.ts';
import { GENERATION, type Dataset, type DatasetPassage } from './datasets/dataset.ts';
import type { Parts } from './open-parts.ts';
import { TENANT } from './systems.ts';

/** Indexes every lecture as an ingest would: passages with their vectors, written whole, then activated. */
export async function indexDataset(dataset: Dataset, { index, embedder, sparseEncoder }: Omit<Parts, 'baseline'>): Promise<void> {
  const passages = dataset.lectures.flatMap((lecture) => lecture.passages);
  // All in one call, questions as well: they are encoded in batches with a line of progress each.
  const texts = [...passages.map(toSearchedText), ...dataset.questions.map(({ text }) => text)];
  const [dense, sparse] = await Promise.all([embedder.embed(texts), sparseEncoder.encode(texts)]);
  let done = 0;
  for (const { lectureId, title, passages: own } of dataset.lectures) {
    const start = done;
    done += own.length;
    const rows = own.map((passage, at): IndexedChunk => {
      const { ordinal, speaker, startSeconds, endSeconds, text, context } = passage;
      const vectors = { dense: dense[start + at]!, sparse: sparse[start + at]! };
      return { ordinal, speaker, startSeconds, endSeconds, text, context, words: [], ...vectors };
    });
    await index.writeChunks(TENANT, { lectureId, title }, GENERATION, rows);
    await index.activate(TENANT, { lectureId, title }, GENERATION, rows.length, null);
  }
}

/** As `embed` joins a context and its passage. */
function toSearchedText({ text, context }: DatasetPassage): string {
  return context === null ? text : `${context}\n${text}`;
}
