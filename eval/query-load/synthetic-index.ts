import { existsSync } from 'node:fs';
import { mkdir, rename, rm } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import type { Config } from '../../contracts/config.ts';
import type { SparseVector } from '../../contracts/transcript.ts';
import type { Embedder, SparseEncoder } from '../../inference/embedder.ts';
import type { ModelStore } from '../../inference/models/store.ts';
import { openEmbedder } from '../../inference/text/onnx-embedder.ts';
import { openSparseEncoder } from '../../inference/text/onnx-sparse-encoder.ts';
import { openSqliteVectorIndex } from '../../retrieval/sqlite/sqlite-vector-index.ts';
import type { IndexedChunk, VectorIndex } from '../../retrieval/vector-index.ts';
import { openOnce } from '../../worker/open-once.ts';
import { seededRandom } from '../metrics/seeded-random.ts';
import type { SyntheticText } from './synthetic-text.ts';

export const SYNTHETIC_TENANT = 'query-load';

/** Raise it when what is written below changes: files of older versions are made anew. */
const VERSION = 1;

const CHUNKS_PER_LECTURE = 64;
/** Passages that the encoders really read; the others' vectors are blended of two of these. */
const ENCODED_PASSAGES = 512;
const WORDS_PER_CHUNK = { fewest: 70, most: 170 };
const SECONDS_PER_WORD = 0.4;

interface EncodedPassage {
  dense: Float32Array;
  sparse: SparseVector;
}

interface IndexRecipe {
  config: Config;
  store: ModelStore;
  text: SyntheticText;
  note: (line: string) => void;
}

/** Files of indexes by their size. */
interface SyntheticIndexes {
  /** The file of an index of `chunks` passages, in the cache; made where it is not there yet. */
  ensure(chunks: number): Promise<string>;
}

/**
 * Indexes of passages in lectures of 64. Texts are seeded; of the vectors 512 are of the real encoders and the others blends of two
 * of them with noise, so that lengths and lists are as in a real index without hours of encoding. A blend is no passage's meaning:
 * this measures time, never quality.
 */
export function openSyntheticIndexes({ config, store, text, note }: IndexRecipe): SyntheticIndexes {
  const folder = join(config.LECTERN_CACHE, 'query-load');
  const encode = openOnce(async () => {
    note(`encoding ${ENCODED_PASSAGES} passages`);
    const splade = await store.ensure('splade-tiny');
    const threads = config.LECTERN_THREADS ?? availableParallelism();
    const embedder = await openEmbedder({ model: await store.ensure('minilm-l6-int8'), tokenizer: splade, threads });
    const sparseEncoder = await openSparseEncoder({ model: splade, cacheDir: config.LECTERN_CACHE, threads });
    try {
      return await encodePassages(text, embedder, sparseEncoder);
    } finally {
      await embedder.close();
      await sparseEncoder.close();
    }
  });
  return {
    async ensure(chunks) {
      const path = join(folder, `${chunks}-v${VERSION}.sqlite`);
      if (existsSync(path)) return path;
      await mkdir(folder, { recursive: true });
      const encoded = await encode();
      note(`writing an index of ${chunks} passages to ${path}`);
      await writeFile(path, (index) => writeLectures(index, chunks, text, encoded));
      return path;
    },
  };
}

/** Under a temporary name until it is whole. */
async function writeFile(path: string, write: (index: VectorIndex) => Promise<void>): Promise<void> {
  const making = `${path}.${process.pid}`;
  const index = await openSqliteVectorIndex({ path: making });
  try {
    await write(index);
    await index.close();
    await rename(making, path);
  } finally {
    await index.close();
    for (const suffix of ['', '-wal', '-shm']) await rm(`${making}${suffix}`, { force: true });
  }
}

async function encodePassages(text: SyntheticText, embedder: Embedder, sparseEncoder: SparseEncoder): Promise<EncodedPassage[]> {
  const random = seededRandom(1);
  const passages: EncodedPassage[] = [];
  for (let at = 0; at < ENCODED_PASSAGES; at++) {
    const passage = text.speak(text.topicOf(at), drawLength(random), random).join(' ');
    const [[dense], [sparse]] = await Promise.all([embedder.embed([passage]), sparseEncoder.encode([passage])]);
    passages.push({ dense: dense!, sparse: sparse! });
  }
  return passages;
}

async function writeLectures(index: VectorIndex, chunks: number, text: SyntheticText, encoded: readonly EncodedPassage[]): Promise<void> {
  for (let lecture = 0; lecture * CHUNKS_PER_LECTURE < chunks; lecture++) {
    const random = seededRandom(lecture + 1_000_003);
    const topic = text.topicOf(lecture);
    const count = Math.min(CHUNKS_PER_LECTURE, chunks - lecture * CHUNKS_PER_LECTURE);
    const entry = {
      lectureId: `lec_${lecture.toString(16).padStart(24, '0')}`,
      title: `Lecture ${lecture}`,
      course: `course-${lecture % 40}`,
      semester: `term-${lecture % 6}`,
    };
    const rows = Array.from({ length: count }, (_, ordinal) =>
      toRow(ordinal, text.speak(topic, drawLength(random), random), encoded, random),
    );
    await index.writeChunks(SYNTHETIC_TENANT, entry, 'g1', rows);
    await index.activate(SYNTHETIC_TENANT, entry, 'g1', count, null);
  }
}

function toRow(ordinal: number, words: string[], encoded: readonly EncodedPassage[], random: () => number): IndexedChunk {
  const startSeconds = ordinal * 60;
  const [left, right] = [encoded[Math.floor(random() * encoded.length)]!, encoded[Math.floor(random() * encoded.length)]!];
  return {
    ordinal,
    speaker: `S${1 + (ordinal % 3)}`,
    startSeconds,
    endSeconds: startSeconds + words.length * SECONDS_PER_WORD,
    text: words.join(' '),
    context: null,
    words: words.map((word, at) => ({
      text: word,
      startSeconds: startSeconds + at * SECONDS_PER_WORD,
      endSeconds: startSeconds + (at + 1) * SECONDS_PER_WORD,
      confidence: 0.9,
    })),
    dense: blendDense(left.dense, right.dense, random),
    sparse: blendSparse(left.sparse, right.sparse, random),
  };
}

function blendDense(left: Float32Array, right: Float32Array, random: () => number): Float32Array {
  const blended = left.map((value, at) => value + 0.6 * right[at]! + 0.05 * (random() - 0.5));
  const norm = Math.hypot(...blended);
  return blended.map((value) => value / norm);
}

/** Two thirds of the terms of one and a third of the other's, with other weights. */
function blendSparse(left: SparseVector, right: SparseVector, random: () => number): SparseVector {
  const weights = new Map<number, number>();
  for (const [from, share] of [
    [left, 2 / 3],
    [right, 1 / 3],
  ] as const) {
    for (const [at, term] of from.indices.entries()) {
      if (random() < share) weights.set(term, from.values[at]! * (0.8 + 0.4 * random()));
    }
  }
  const indices = [...weights.keys()].sort((a, b) => a - b);
  return { indices, values: indices.map((term) => weights.get(term)!) };
}

function drawLength(random: () => number): number {
  return WORDS_PER_CHUNK.fewest + Math.floor(random() * (WORDS_PER_CHUNK.most - WORDS_PER_CHUNK.fewest));
}
